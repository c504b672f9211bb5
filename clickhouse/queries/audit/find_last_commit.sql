-- The highest number of a commit that a row of the audit log was meant for.
SELECT max(commit) AS commit
FROM audit_entries
