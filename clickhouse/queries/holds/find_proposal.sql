-- What somebody said who changes a hold.
SELECT terms, reason
FROM hold_proposals
WHERE proposal = {proposal:String}
LIMIT 1
SETTINGS select_sequential_consistency = 1
