-- The history of one document, newest first. LIMIT 1 BY drops what a retried write repeated and no merge has folded yet.
SELECT version, proposal, body, changed_by AS changedBy, toUnixTimestamp64Micro(changed_at) AS changedAt
FROM documents
WHERE kind = {kind:String} AND id = {id:String} AND version < {before:UInt32}
ORDER BY version DESC
LIMIT 1 BY version
LIMIT {limit:UInt32}
