-- Rows of a partition by process and hour of origin, in their order: what objects of an archive are cut from.
SELECT process, toUnixTimestamp(origin_hour) AS hour, count() AS rows
FROM tracking_records
WHERE class = {class:String} AND toYYYYMM(received_at) = {period:UInt32}
GROUP BY process, origin_hour
ORDER BY process, origin_hour
LIMIT 5000000
