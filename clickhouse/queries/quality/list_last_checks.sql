-- When each reference was checked last.
SELECT reference AS id, toUnixTimestamp64Micro(max(checked_at)) AS at
FROM reference_checks
GROUP BY reference
LIMIT 100000
