-- Rows of the audit log as they are, whoever wrote them, with the names of search columns that say something else than the entry.
SELECT
    sequence,
    commit,
    salt,
    entry,
    arrayFilter(
        name -> name != '',
        [
            if(toUnixTimestamp64Micro(at) = toUnixTimestamp64Micro(parseDateTime64BestEffortOrZero(JSONExtractString(entry, 'at'), 6, 'UTC')), '', 'at'),
            if(id = JSONExtractString(entry, 'id'), '', 'id'),
            if(kind = JSONExtractString(entry, 'kind'), '', 'kind'),
            if(action = JSONExtractString(entry, 'action'), '', 'action'),
            if(actor = JSONExtractString(entry, 'actor'), '', 'actor'),
            if(subject_kind = JSONExtractString(entry, 'subjectKind'), '', 'subject_kind'),
            if(subject_id = JSONExtractString(entry, 'subjectId'), '', 'subject_id'),
            if(outcome = JSONExtractString(entry, 'outcome'), '', 'outcome')
        ]
    ) AS differing
FROM audit_entries
WHERE sequence >= {from:UInt64} AND sequence < {to:UInt64}
ORDER BY sequence, commit
-- A repeated insert is no second row.
LIMIT 1 BY sequence, commit, salt, entry
LIMIT {limit:UInt32}
