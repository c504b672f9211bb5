-- Overrides of a schedule, the last made first; one of them where it is named.
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
    WHERE schedule = {schedule:String} AND ({override:String} = '' OR override = {override:String})
    GROUP BY schedule, override
) AS w ON w.schedule = o.schedule AND w.override = o.override
WHERE o.schedule = {schedule:String} AND ({override:String} = '' OR o.override = {override:String})
  AND (o.made_at, o.override) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {before:String})
ORDER BY o.made_at DESC, o.override DESC
LIMIT 1 BY o.override
LIMIT {limit:UInt32}
