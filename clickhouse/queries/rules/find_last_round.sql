-- The last round, and whether an instant was evaluated by any.
SELECT
    max(round) AS round,
    toUnixTimestamp64Micro(argMax(evaluated_at, round)) AS evaluatedAt,
    countIf(evaluated_at = fromUnixTimestamp64Micro({at:Int64}, 'UTC')) > 0 AS isEvaluated
FROM rule_states
WHERE rule = ''
HAVING count() > 0
