-- Accepts what a proposal selected of a judgement; with nothing selected, all that holds the window open, but for time that was not looked at. What somebody accepted before stays theirs.
INSERT INTO acceptances (reconciliation, key, stage, kind, fact, acceptance)
SELECT DISTINCT reconciliation, key, stage, kind, fact, {acceptance:String}
FROM discrepancies
WHERE reconciliation = {reconciliation:String}
  AND judgement = {judgement:String}
  AND kind NOT IN ('late', 'undecided')
  AND ({everything:Bool} OR (key, stage, kind) IN (
      SELECT arrayJoin(selected) FROM acceptance_proposals WHERE acceptance = {acceptance:String}
  ))
  AND (key, stage, kind, fact) NOT IN (
      SELECT key, stage, kind, fact FROM acceptances WHERE reconciliation = {reconciliation:String}
  )
