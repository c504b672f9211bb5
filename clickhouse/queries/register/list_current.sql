-- The newest version of each document of a kind, by id.
SELECT id, version, proposal, body, changed_by AS changedBy, toUnixTimestamp64Micro(changed_at) AS changedAt
FROM documents
WHERE kind = {kind:String} AND id > {after:String}
ORDER BY id, version DESC
LIMIT 1 BY id
LIMIT {limit:UInt32}
