-- What evaluations of objectives in (from, to] said of their error budgets, in the order of their times.
SELECT
    objective,
    toUnixTimestamp64Micro(evaluated_at) AS evaluatedAt,
    any(objective_evaluations.burn_rate) AS burnRate,
    any(objective_evaluations.budget_left) AS budgetLeft
FROM objective_evaluations
WHERE objective IN {objectives:Array(String)}
  AND evaluated_at > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND evaluated_at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
GROUP BY objective, evaluated_at
ORDER BY evaluated_at, objective
