-- A key of archives as it stands, by its id.
SELECT
    key_id AS keyId,
    class,
    period,
    fingerprint,
    wrapped_by AS wrappedBy,
    wrapped,
    is_destroyed AS isDestroyed,
    revision
FROM archive_keys FINAL
WHERE key_id = {keyId:String}
