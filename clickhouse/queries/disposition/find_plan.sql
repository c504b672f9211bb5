-- The plan of a run that counts.
SELECT
    plan,
    as_of AS asOf,
    digest,
    policies,
    retention_plans.holds AS holds,
    toUnixTimestamp64Micro(planned_at) AS plannedAt
FROM retention_plans FINAL
WHERE run = {run:String}
LIMIT 1
SETTINGS select_sequential_consistency = 1
