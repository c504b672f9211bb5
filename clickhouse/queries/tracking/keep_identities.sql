-- Keeps what must be known for ever of the records of one partition, before it is dropped. A repeat writes the same rows, which the table keeps once.
INSERT INTO tracking_identities
SELECT identity, attempt, payload_hash, CAST(toString(outcome) AS Enum8('stored' = 1, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9)), reason, process, stage, origin_at
FROM tracking_records
WHERE outcome IN ('stored', 'quarantined', 'sampled_out', 'released') AND _partition_id = {partition:String}
