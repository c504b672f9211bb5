-- Open discrepancies of a judgement that one before it did not have.
SELECT count() AS found
FROM
(
    SELECT DISTINCT key, stage, kind, fact
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String} AND judgement = {judgement:String} AND kind != 'late'
)
WHERE (key, stage, kind, fact) NOT IN (
    SELECT key, stage, kind, fact FROM discrepancies WHERE reconciliation = {reconciliation:String} AND judgement = {before:String}
)
  AND (key, stage, kind, fact) NOT IN (
    SELECT key, stage, kind, fact FROM acceptances WHERE reconciliation = {reconciliation:String}
)
