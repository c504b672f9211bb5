-- A run, by its id.
SELECT run, is_dry_run AS isDryRun, requested_by AS requestedBy, toUnixTimestamp64Micro(requested_at) AS requestedAt
FROM retention_runs FINAL
WHERE run = {run:String}
ORDER BY requested_at
LIMIT 1
SETTINGS select_sequential_consistency = 1
