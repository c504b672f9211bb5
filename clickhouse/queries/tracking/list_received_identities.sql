-- The identity of every record that is no resend and was received from `from` to before `until`.
SELECT identity
FROM tracking_records
WHERE outcome IN ('stored', 'quarantined', 'sampled_out', 'released')
  AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
FORMAT RowBinary
