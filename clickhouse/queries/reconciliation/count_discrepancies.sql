-- Discrepancies of one judgement by kind, and how many of them somebody accepted as they are.
SELECT kind, count() AS found, countIf(acceptance != '') AS accepted
FROM
(
    SELECT key, stage, kind, any(fact) AS fact
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String} AND judgement = {judgement:String}
    GROUP BY key, stage, kind
) AS d
LEFT JOIN
(
    SELECT key, stage, kind, fact, any(acceptance) AS acceptance
    FROM acceptances
    WHERE reconciliation = {reconciliation:String}
    GROUP BY key, stage, kind, fact
) AS a USING (key, stage, kind, fact)
GROUP BY kind
