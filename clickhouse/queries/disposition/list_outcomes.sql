-- What became of the lots of a run. What was proved is told with what was purged.
SELECT
    lot,
    toString(min(state)) AS state,
    anyIf(fault, state = 'left') AS fault,
    sumIf(rows, state = 'purged') AS rows,
    sumIf(kept, state = 'purged') AS kept,
    max(related) AS related,
    countIf(state = 'proved') > 0 AS isProved,
    toUnixTimestamp64Micro(max(at)) AS at
FROM (SELECT * FROM retention_outcomes FINAL WHERE run = {run:String})
GROUP BY lot
ORDER BY lot
SETTINGS select_sequential_consistency = 1
