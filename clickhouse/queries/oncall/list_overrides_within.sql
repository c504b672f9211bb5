-- Overrides that share time with [from, to), of some schedules or of all, in the order in which they were made.
SELECT
    o.schedule AS schedule,
    o.override AS id,
    o.person AS person,
    toUnixTimestamp64Micro(o.from_at) AS from,
    toUnixTimestamp64Micro(o.to_at) AS to,
    o.reason AS reason,
    o.made_by AS by,
    toUnixTimestamp64Micro(o.made_at) AS at,
    w.by AS withdrawnBy,
    w.at AS withdrawnAt
FROM on_call_overrides AS o
LEFT JOIN
(
    SELECT schedule, override, argMin(withdrawn_by, withdrawn_at) AS by, toUnixTimestamp64Micro(min(withdrawn_at)) AS at
    FROM on_call_withdrawals
    WHERE (empty({schedules:Array(String)}) OR has({schedules:Array(String)}, schedule))
    GROUP BY schedule, override
) AS w ON w.schedule = o.schedule AND w.override = o.override
WHERE (empty({schedules:Array(String)}) OR has({schedules:Array(String)}, o.schedule))
  AND o.from_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND o.to_at > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
ORDER BY o.made_at, o.override
LIMIT 1 BY o.schedule, o.override
