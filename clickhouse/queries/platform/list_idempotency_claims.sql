-- What is known of a key since the time at which older calls are forgotten.
SELECT claim, state, request_hash, status, answer, toUnixTimestamp64Micro(at) AS at
FROM idempotency_keys
WHERE key_hash = {key_hash:String} AND idempotency_keys.at >= fromUnixTimestamp64Micro({since:Int64})
ORDER BY idempotency_keys.at, claim, state
LIMIT 1000
