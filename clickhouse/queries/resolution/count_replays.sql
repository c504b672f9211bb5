-- How often rules had discrepancies of these keys sent again, by decisions whose ids do not end so; and how often that is still under way, of what was decided since a time.
SELECT
    key,
    stage,
    kind,
    r.rule AS rule,
    uniqExact(r.decision) AS replays,
    uniqExactIf(r.decision, d.outcome = '' AND d.decided_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')) AS pending
FROM
(
    SELECT key, stage, kind, rule, decision
    FROM resolution_replays
    WHERE reconciliation = {reconciliation:String} AND key IN {keys:Array(String)} AND NOT endsWith(decision, {except:String})
) AS r
INNER JOIN
(
    SELECT decision, outcome, decided_at FROM resolution_decisions FINAL WHERE reconciliation = {reconciliation:String}
) AS d ON d.decision = r.decision
GROUP BY key, stage, kind, rule
