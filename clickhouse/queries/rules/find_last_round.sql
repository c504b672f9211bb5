-- The last round, whether an instant was evaluated by any, and the instant of the round before (0: there was none).
WITH (SELECT max(round) FROM rule_states WHERE rule = '') AS newest
SELECT
    max(rule_states.round) AS round,
    toUnixTimestamp64Micro(argMax(evaluated_at, rule_states.round)) AS evaluatedAt,
    countIf(evaluated_at = fromUnixTimestamp64Micro({at:Int64}, 'UTC')) > 0 AS isEvaluated,
    toUnixTimestamp64Micro(maxIf(evaluated_at, rule_states.round + 1 = newest)) AS before
FROM rule_states
WHERE rule = ''
HAVING count() > 0
