-- Partitions of what comparisons found that hold nothing asked for since a time.
SELECT table, partition_id AS partition
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('comparison_differences', 'comparison_segments')
GROUP BY table, partition_id
HAVING toDate(any(partition)) + 7 <= toDate(fromUnixTimestamp64Micro({before:Int64}, 'UTC'))
