-- What was decided about a window, oldest first, after a place.
SELECT decision, judgement, revision, rule, rule_version AS ruleVersion, action, discrepancies, by,
       toUnixTimestamp64Micro(decided_at) AS decidedAt, outcome
FROM resolution_decisions FINAL
WHERE reconciliation = {reconciliation:String}
  AND (resolution_decisions.decided_at, decision) > (fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC'), {afterDecision:String})
ORDER BY resolution_decisions.decided_at, decision
LIMIT {limit:UInt32}
