-- The partition that the records of a restore are in; none when it has no records.
SELECT DISTINCT _partition_id AS partition FROM archive_restored_records WHERE restore = {restore:String}
