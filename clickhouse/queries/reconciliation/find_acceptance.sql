-- What somebody asked to accept, and what they saw.
SELECT reconciliation, judgement, selected, reason, proposed_by AS proposedBy, toUnixTimestamp64Micro(proposed_at) AS proposedAt
FROM acceptance_proposals
WHERE acceptance = {acceptance:String}
LIMIT 1
