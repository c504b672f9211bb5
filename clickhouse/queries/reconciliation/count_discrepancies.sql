-- Discrepancies of one judgement by kind, and how many of them somebody accepted.
SELECT kind, count() AS found, countIf(acceptance != '') AS accepted
FROM
(
    SELECT DISTINCT key, stage, kind
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String} AND judgement = {judgement:String}
) AS d
LEFT JOIN
(
    SELECT key, stage, kind, any(acceptance) AS acceptance
    FROM acceptances
    WHERE reconciliation = {reconciliation:String}
    GROUP BY key, stage, kind
) AS a USING (key, stage, kind)
GROUP BY kind
