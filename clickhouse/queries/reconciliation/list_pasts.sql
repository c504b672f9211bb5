-- When the discrepancies of these keys were first seen in a window as they are, and who accepted them.
SELECT key, stage, kind, fact, firstSeenAt, acceptance, acceptedBy, reason
FROM
(
    SELECT key, stage, kind, fact, toUnixTimestamp64Micro(min(judged_at)) AS firstSeenAt
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String}
      AND key IN {keys:Array(String)}
      AND judgement IN (SELECT judgement FROM verdicts WHERE reconciliation = {reconciliation:String})
    GROUP BY key, stage, kind, fact
) AS seen
LEFT JOIN
(
    SELECT key, stage, kind, fact, any(a.acceptance) AS acceptance, any(p.proposed_by) AS acceptedBy, any(p.reason) AS reason
    FROM acceptances AS a
    INNER JOIN (SELECT acceptance, proposed_by, reason FROM acceptance_proposals WHERE reconciliation = {reconciliation:String}) AS p ON p.acceptance = a.acceptance
    WHERE a.reconciliation = {reconciliation:String} AND a.key IN {keys:Array(String)}
    GROUP BY key, stage, kind, fact
) AS accepted USING (key, stage, kind, fact)
