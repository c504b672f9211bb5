-- How many discrepancies of some windows people have said to ignore for a time that is not over.
SELECT d.reconciliation AS reconciliation, sum(d.discrepancies) AS discrepancies, toUnixTimestamp64Micro(min(p.expires_at)) AS expiresAt
FROM (SELECT reconciliation, decision, discrepancies FROM resolution_decisions FINAL WHERE reconciliation IN {reconciliations:Array(String)} AND action = 'ignore' AND outcome = '') AS d
INNER JOIN (SELECT decision, any(expires_at) AS expires_at FROM decision_proposals WHERE process = {process:String} GROUP BY decision) AS p ON p.decision = d.decision
WHERE d.discrepancies > 0
GROUP BY reconciliation
ORDER BY reconciliation
