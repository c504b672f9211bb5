-- The newest claim to take records in.
SELECT owner, toUnixTimestamp64Micro(claimed_at) AS claimedAt, is_given_up AS isGivenUp
FROM intake_claims
ORDER BY claimed_at DESC, owner DESC, is_given_up DESC
LIMIT 1
