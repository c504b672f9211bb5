-- Remembers the events of a partition that policies count time from: they may leave before other records of their key.
INSERT INTO retention_starts (process, key, type, stage, happened)
SELECT process, key, type, stage, toUInt32(toDate(max(occurred_at)))
FROM tracking_records
WHERE _partition_id = {partition:String} AND sign = 1 AND type IN {startTypes:Array(String)}
GROUP BY process, key, type, stage
SETTINGS select_sequential_consistency = 1, deduplicate_insert_select = 'disable'
