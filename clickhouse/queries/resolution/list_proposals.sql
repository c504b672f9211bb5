-- Proposals of people, newest first.
SELECT decision, action, process, reconciliation, toUnixTimestamp64Micro(select_from) AS from, toUnixTimestamp64Micro(select_to) AS to,
       kinds, stages, fields, keys, key_prefix AS keyPrefix, reason, toUnixTimestamp64Micro(expires_at) AS expiresAt,
       proposed_by AS by, toUnixTimestamp64Micro(proposed_at) AS at
FROM decision_proposals FINAL
WHERE ({process:String} = '' OR process = {process:String})
  AND (decision_proposals.proposed_at, decision) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {beforeDecision:String})
ORDER BY decision_proposals.proposed_at DESC, decision DESC
LIMIT {limit:UInt32}
