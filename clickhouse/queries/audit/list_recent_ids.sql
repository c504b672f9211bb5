-- Ids of the entries of the audit log from a sequence on.
SELECT id, sequence
FROM audit_entries
WHERE sequence >= {from:UInt64}
  AND sequence < {size:UInt64}
  AND commit NOT IN (SELECT toUInt64OrZero(JSONExtractString(entry, 'code')) FROM audit_entries WHERE action = 'log.opened')
ORDER BY sequence
