-- Objects of an archive that were written, in their order.
SELECT
    number,
    object,
    object_version AS objectVersion,
    rows,
    hash,
    plain_bytes AS plainBytes,
    plain_sha256 AS plainSha256,
    sealed_bytes AS sealedBytes,
    sealed_sha256 AS sealedSha256,
    bounds
FROM archive_objects FINAL
WHERE archive = {archive:String}
ORDER BY number
LIMIT 1000000
