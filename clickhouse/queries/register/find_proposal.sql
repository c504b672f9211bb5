-- One proposal by its id.
SELECT body, proposed_by AS proposedBy, toUnixTimestamp64Micro(proposed_at) AS proposedAt
FROM document_proposals
WHERE proposal = {proposal:String}
LIMIT 1
