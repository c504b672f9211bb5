-- How many rows wait in the table of a deletion, to stay.
SELECT count() AS records
FROM {tracking_records:Identifier}
