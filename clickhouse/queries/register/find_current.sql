-- The newest version of one document; answered from the primary key.
SELECT version, proposal, body, changed_by AS changedBy, toUnixTimestamp64Micro(changed_at) AS changedAt
FROM documents
WHERE kind = {kind:String} AND id = {id:String}
ORDER BY version DESC
LIMIT 1
