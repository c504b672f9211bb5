-- Entries of the audit log below a sequence, newest first, without rows that no commit has.
SELECT sequence, commit, salt, entry
FROM audit_entries
WHERE sequence < {before:UInt64}
  AND at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND ({kind:String} = '' OR kind = {kind:String})
  AND ({action:String} = '' OR action = {action:String})
  AND ({actor:String} = '' OR actor = {actor:String})
  AND ({subjectKind:String} = '' OR subject_kind = {subjectKind:String})
  AND ({subject:String} = '' OR subject_id = {subject:String})
  AND ({outcome:String} = '' OR outcome = {outcome:String})
  AND commit NOT IN (SELECT toUInt64OrZero(JSONExtractString(entry, 'code')) FROM audit_entries WHERE action = 'log.opened')
ORDER BY sequence DESC, commit DESC
LIMIT 1 BY sequence
LIMIT {limit:UInt32}
