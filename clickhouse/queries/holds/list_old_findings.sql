-- Partitions of found keys that nobody needs any more.
SELECT DISTINCT _partition_id AS partition
FROM held_keys
WHERE found_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC') - INTERVAL 1 DAY
