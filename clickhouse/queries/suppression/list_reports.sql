-- Everything that was told of some changes.
SELECT
    change AS id,
    kind,
    state,
    labels,
    title,
    link,
    made_by AS by,
    toUnixTimestamp64Micro(c.at) AS at,
    reported_by AS reportedBy,
    toUnixTimestamp64Micro(reported_at) AS reportedAt
FROM changes AS c
WHERE has({changes:Array(String)}, change)
ORDER BY change, reported_at
LIMIT 1 BY change, state, c.at, reported_at
