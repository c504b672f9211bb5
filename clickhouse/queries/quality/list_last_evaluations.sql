-- When each objective was evaluated last.
SELECT objective AS id, toUnixTimestamp64Micro(max(evaluated_at)) AS at
FROM objective_evaluations
GROUP BY objective
LIMIT 100000
