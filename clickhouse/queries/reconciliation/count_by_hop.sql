-- Discrepancies of one judgement by hop and kind: how many, how many of them nobody accepted, and since when.
SELECT hop, stage, kind, count() AS found, countIf(acceptance = '') AS open, toUnixTimestamp64Micro(min(since)) AS since
FROM
(
    SELECT key, stage, kind, any(discrepancies.hop) AS hop, any(discrepancies.fact) AS fact, min(discrepancies.since) AS since
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String} AND judgement = {judgement:String}
    GROUP BY key, stage, kind
) AS d
LEFT JOIN
(
    SELECT key, stage, kind, fact, any(acceptances.acceptance) AS acceptance
    FROM acceptances
    WHERE reconciliation = {reconciliation:String}
    GROUP BY key, stage, kind, fact
) AS a USING (key, stage, kind, fact)
GROUP BY hop, stage, kind
ORDER BY hop, stage, kind
LIMIT 1000
