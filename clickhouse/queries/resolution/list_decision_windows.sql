-- Windows that a proposal is about, after one of them.
SELECT reconciliation, judgement, revision, discrepancies
FROM decision_windows FINAL
WHERE decision = {decision:String} AND reconciliation > {after:String}
ORDER BY reconciliation
LIMIT {limit:UInt32}
