-- What tells whether any hold has a new version since: how many versions there are, and a sum over them.
SELECT concat(toString(count()), '-', toString(sum(cityHash64(hold, version)))) AS versions
FROM (SELECT DISTINCT hold, version FROM holds)
SETTINGS select_sequential_consistency = 1
