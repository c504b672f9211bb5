-- The identity of every stored record, for the filter that intake keeps in memory.
SELECT identity
FROM tracking_records
WHERE outcome = 'stored'
FORMAT RowBinary
