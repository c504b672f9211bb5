-- A restore as it stands.
SELECT
    restore,
    archive,
    state,
    fault,
    rows,
    erased,
    requested_by AS requestedBy,
    toUnixTimestamp64Micro(requested_at) AS requestedAt,
    toUnixTimestamp64Micro(expires_at) AS expiresAt,
    toUnixTimestamp64Micro(changed_at) AS changedAt,
    revision
FROM archive_restores FINAL
WHERE restore = {restore:String}
