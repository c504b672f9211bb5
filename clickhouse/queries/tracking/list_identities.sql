-- The identity of every record that is no resend, for the filter that intake keeps in memory.
SELECT identity
FROM tracking_records
WHERE outcome IN ('stored', 'quarantined', 'sampled_out')
UNION ALL
SELECT identity FROM tracking_identities
FORMAT RowBinary
