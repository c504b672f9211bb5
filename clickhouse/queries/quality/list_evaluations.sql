-- Evaluations of an objective before a time, newest first.
SELECT
    toUnixTimestamp64Micro(evaluated_at) AS evaluatedAt,
    version,
    dimension,
    state,
    reason,
    toUnixTimestamp64Micro(covers_from) AS coversFrom,
    toUnixTimestamp64Micro(covers_to) AS coversTo,
    toUnixTimestamp64Micro(as_of) AS asOf,
    good,
    total,
    observations,
    target,
    budget_left AS budgetLeft,
    burn_rate AS burnRate,
    toUnixTimestamp64Micro(recent_from) AS recentFrom,
    if(projected_at IS NULL, NULL, toUnixTimestamp64Micro(assumeNotNull(projected_at))) AS projectedAt,
    if(newest_at IS NULL, NULL, toUnixTimestamp64Micro(assumeNotNull(newest_at))) AS newestAt
FROM objective_evaluations
WHERE objective = {objective:String} AND evaluated_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')
ORDER BY evaluated_at DESC
LIMIT 1 BY evaluated_at
LIMIT {limit:UInt32}
