-- The identities of a generation, for the filter that intake keeps in memory.
SELECT identity
FROM tracking_identities
WHERE generation = {generation:UInt8}
FORMAT RowBinary
