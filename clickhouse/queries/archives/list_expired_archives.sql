-- Verified archives that were to be kept until a time, and are still there.
SELECT
    archive,
    class,
    period,
    a.rows AS rows,
    sealed AS sealedBytes,
    first AS firstProcess,
    last AS lastProcess,
    policy,
    toUnixTimestamp64Micro(retain_until) AS retainUntil
FROM
(
    SELECT archive, class, period, rows, policy, retain_until
    FROM archives FINAL
    WHERE state = 'verified' AND retain_until > fromUnixTimestamp64Micro(0, 'UTC') AND retain_until <= fromUnixTimestamp64Micro({at:Int64}, 'UTC')
) AS a
LEFT JOIN
(
    SELECT
        archive,
        sum(sealed_bytes) AS sealed,
        min(JSONExtractString(bounds, 'process', 1)) AS first,
        max(JSONExtractString(bounds, 'process', 2)) AS last
    FROM archive_objects FINAL
    GROUP BY archive
) AS o ON a.archive = o.archive
ORDER BY archive
