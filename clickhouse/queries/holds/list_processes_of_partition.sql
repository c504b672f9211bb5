-- Processes that a partition has records of.
SELECT DISTINCT process
FROM tracking_records
WHERE _partition_id = {partition:String}
