-- Discrepancies that a proposal selected of the judgement that was seen, and that the newest does not have as they were.
SELECT count() AS found
FROM
(
    SELECT DISTINCT key, stage, kind, fact
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String}
      AND judgement = {seen:String}
      AND (key, stage, kind) IN (SELECT arrayJoin(selected) FROM acceptance_proposals WHERE acceptance = {acceptance:String})
)
WHERE (key, stage, kind, fact) NOT IN (
    SELECT key, stage, kind, fact FROM discrepancies WHERE reconciliation = {reconciliation:String} AND judgement = {newest:String}
)
