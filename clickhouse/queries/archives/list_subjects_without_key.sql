-- Subjects of a span with something personal that have no key yet, in their order, behind one.
SELECT DISTINCT lower(hex(substring(SHA256(concat(process, '\0', key)), 1, 16))) AS subject
FROM tracking_records
WHERE class = {class:String}
    AND toYYYYMM(received_at) = {period:UInt32}
    AND (process, origin_hour) >= ({fromProcess:String}, toDateTime({fromHour:UInt32}, 'UTC'))
    AND (process, origin_hour) <= ({toProcess:String}, toDateTime({toHour:UInt32}, 'UTC'))
    AND (categories != '' OR sensitivity != 'public')
    AND subject > {after:String}
    AND subject NOT IN (SELECT archive_subject_keys.subject FROM archive_subject_keys WHERE key_id = {keyId:String})
ORDER BY subject
LIMIT {limit:UInt32}
