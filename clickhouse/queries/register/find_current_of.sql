-- The newest version of each of these documents of a kind.
SELECT id, version, proposal, body, changed_by AS changedBy, toUnixTimestamp64Micro(changed_at) AS changedAt
FROM documents
WHERE kind = {kind:String} AND id IN {ids:Array(String)}
ORDER BY id, version DESC
LIMIT 1 BY id
