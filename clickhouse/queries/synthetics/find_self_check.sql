-- What the self-check of this name wrote last.
SELECT toUnixTimestamp64Micro(max(at)) AS last
FROM self_checks
WHERE name = {name:String}
HAVING count() > 0
