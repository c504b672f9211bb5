-- One decision about a window, as it was recorded last.
SELECT decision, judgement, revision, rule, rule_version AS ruleVersion, action, discrepancies, by,
       toUnixTimestamp64Micro(decided_at) AS decidedAt, outcome
FROM resolution_decisions FINAL
WHERE reconciliation = {reconciliation:String} AND decision = {decision:String}
LIMIT 1
