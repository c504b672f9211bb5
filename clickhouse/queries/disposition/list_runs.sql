-- Runs, the newest first, behind one of them; with where each stands.
SELECT
    r.run AS run,
    r.is_dry_run AS isDryRun,
    r.requested_by AS requestedBy,
    toUnixTimestamp64Micro(r.requested_at) AS requestedAt
FROM retention_runs AS r FINAL
WHERE (r.requested_at, r.run) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {beforeRun:String})
ORDER BY r.requested_at DESC, r.run DESC
LIMIT {limit:UInt32}
