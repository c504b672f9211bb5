-- Copies what must be known for ever of the records received from `from` to before `until`. A repeat writes the same rows, which the table keeps once.
INSERT INTO tracking_identities (generation, identity, attempt, payload_hash, outcome, reason, process, stage, origin_at)
SELECT
    {generation:UInt8},
    identity,
    attempt,
    payload_hash,
    CAST(toString(outcome) AS Enum8('stored' = 1, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9)),
    reason,
    process,
    stage,
    origin_at
FROM tracking_records
WHERE outcome IN ('stored', 'quarantined', 'sampled_out', 'released')
  AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
