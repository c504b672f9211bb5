-- How many records a partition has.
SELECT count() AS records
FROM tracking_records
WHERE _partition_id = {partition:String}
