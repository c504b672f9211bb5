-- How often rules had discrepancies of these keys sent again, by decisions whose ids do not end so.
SELECT key, stage, kind, rule, uniqExact(decision) AS replays
FROM resolution_replays
WHERE reconciliation = {reconciliation:String} AND key IN {keys:Array(String)} AND NOT endsWith(decision, {except:String})
GROUP BY key, stage, kind, rule
