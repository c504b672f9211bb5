-- The request to destroy a key as it stands.
SELECT
    key_id AS keyId,
    state,
    reason,
    requested_by AS requestedBy,
    toUnixTimestamp64Micro(requested_at) AS requestedAt,
    toUnixTimestamp64Micro(approve_by) AS approveBy,
    answered_by AS answeredBy,
    toUnixTimestamp64Micro(changed_at) AS changedAt
FROM archive_key_destructions FINAL
WHERE key_id = {keyId:String}
