-- Keys of archives as they stand, behind one.
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
WHERE key_id > {after:String} AND ({class:String} = '' OR class = {class:String}) AND ({period:String} = '' OR period = {period:String})
ORDER BY key_id
LIMIT {limit:UInt32}
