-- What somebody proposed, by the id of the decision.
SELECT decision, action, process, reconciliation, toUnixTimestamp64Micro(select_from) AS from, toUnixTimestamp64Micro(select_to) AS to,
       kinds, stages, fields, keys, key_prefix AS keyPrefix, reason, toUnixTimestamp64Micro(expires_at) AS expiresAt,
       proposed_by AS by, toUnixTimestamp64Micro(proposed_at) AS at
FROM decision_proposals
WHERE decision = {decision:String}
LIMIT 1
