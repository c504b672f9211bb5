-- Everything that was told of changes of which something was told for [from, to).
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
WHERE change IN
(
    SELECT change
    FROM changes
    WHERE at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
)
ORDER BY change, reported_at
LIMIT 1 BY change, state, c.at, reported_at
