-- One override of a schedule, by its id.
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
    WHERE schedule = {schedule:String} AND override = {override:String}
    GROUP BY schedule, override
) AS w ON w.schedule = o.schedule AND w.override = o.override
WHERE o.schedule = {schedule:String} AND o.override = {override:String}
LIMIT 1
