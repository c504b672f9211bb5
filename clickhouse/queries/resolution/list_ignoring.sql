-- Decisions of people to ignore something of these windows for a time that is not over.
SELECT d.reconciliation AS reconciliation, d.decision AS decision
FROM (SELECT reconciliation, decision, discrepancies FROM resolution_decisions FINAL WHERE reconciliation IN {reconciliations:Array(String)} AND action = 'ignore' AND outcome = '') AS d
INNER JOIN (SELECT DISTINCT decision FROM decision_proposals WHERE process = {process:String}) AS p ON p.decision = d.decision
WHERE d.discrepancies > 0
ORDER BY reconciliation, decision
