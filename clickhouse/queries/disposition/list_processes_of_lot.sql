-- Processes whose records a lot takes, by its plan.
SELECT DISTINCT process
FROM retention_groups
WHERE plan = {plan:String} AND partition = {partition:String} AND tier = {tier:String}
