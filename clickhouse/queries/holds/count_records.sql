-- How many records there are.
SELECT count() AS records
FROM tracking_records
