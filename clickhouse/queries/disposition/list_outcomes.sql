-- What became of the lots of a run. What was proved is told with what was purged; one that has begun alone may have been deleted.
SELECT
    o.lot AS lot,
    multiIf(countIf(o.state = 'purged') > 0, 'purged', countIf(o.state = 'left') > 0, 'left', 'begun') AS state,
    anyIf(o.fault, o.state = 'left') AS fault,
    sumIf(o.rows, o.state = 'purged') AS rows,
    sumIf(o.kept, o.state = 'purged') AS kept,
    sumIf(o.held, o.state = 'purged') AS held,
    anyIf(o.holds, o.state = 'purged') AS holds,
    max(o.related) AS related,
    countIf(o.state = 'proved') > 0 AS isProved,
    toUnixTimestamp64Micro(max(o.at)) AS at
FROM (SELECT * FROM retention_outcomes FINAL WHERE run = {run:String}) AS o
GROUP BY o.lot
ORDER BY o.lot
SETTINGS select_sequential_consistency = 1
