-- Where entries of these ids stand in the audit log.
SELECT id, min(sequence) AS sequence
FROM audit_entries
WHERE id IN {ids:Array(String)}
  AND sequence < {size:UInt64}
  AND commit NOT IN (SELECT toUInt64OrZero(JSONExtractString(entry, 'code')) FROM audit_entries WHERE action = 'log.opened')
GROUP BY id
