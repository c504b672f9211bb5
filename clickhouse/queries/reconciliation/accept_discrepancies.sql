-- Accepts what a proposal selected of a judgement; with nothing selected, all that holds the window open.
INSERT INTO acceptances (reconciliation, key, stage, kind, acceptance)
SELECT DISTINCT reconciliation, key, stage, kind, {acceptance:String}
FROM discrepancies
WHERE reconciliation = {reconciliation:String}
  AND judgement = {judgement:String}
  AND kind != 'late'
  AND ({everything:Bool} OR (key, stage, kind) IN (
      SELECT arrayJoin(selected) FROM acceptance_proposals WHERE acceptance = {acceptance:String}
  ))
