-- An archive as it stands.
SELECT
    archive,
    class,
    period,
    policy,
    policy_version AS policyVersion,
    key_id AS keyId,
    state,
    fault,
    plan,
    objects,
    rows,
    hash,
    manifest_version AS manifestVersion,
    manifest_sha256 AS manifestSha256,
    toUnixTimestamp64Micro(retain_until) AS retainUntil,
    requested_by AS requestedBy,
    toUnixTimestamp64Micro(requested_at) AS requestedAt,
    toUnixTimestamp64Micro(changed_at) AS changedAt,
    revision
FROM archives FINAL
WHERE archive = {archive:String}
