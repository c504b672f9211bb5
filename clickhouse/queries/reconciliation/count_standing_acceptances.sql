-- How many discrepancies of the newest judgements of these windows stand accepted by these acceptances: what has healed since is none.
SELECT reconciliation, count() AS discrepancies
FROM
(
    SELECT DISTINCT reconciliation, key, stage, kind, fact
    FROM acceptances
    WHERE reconciliation IN {reconciliations:Array(String)} AND acceptance IN {acceptances:Array(String)}
) AS a
INNER JOIN
(
    SELECT DISTINCT reconciliation, key, stage, kind, fact
    FROM discrepancies
    WHERE reconciliation IN {reconciliations:Array(String)}
      AND (reconciliation, judgement) IN (
          SELECT reconciliation, argMax(judgement, revision)
          FROM verdicts
          WHERE reconciliation IN {reconciliations:Array(String)}
          GROUP BY reconciliation
      )
) AS d USING (reconciliation, key, stage, kind, fact)
GROUP BY reconciliation
ORDER BY reconciliation
