-- A replay of a dead letter that is under way beside this one; those that began too long ago were killed.
SELECT claim
FROM dead_letter_claims
WHERE dead_letter = {id:String} AND claim != {claim:String}
GROUP BY claim
HAVING countIf(state = 'released') = 0 AND max(dead_letter_claims.at) > fromUnixTimestamp64Micro({since:Int64}, 'UTC')
LIMIT 1
