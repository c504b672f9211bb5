-- Accepts what a selection names of the judgement that somebody saw, as far as the newest one has it as it was. What was accepted before stays as it is. Time that was not judged is selected by its kind alone.
INSERT INTO acceptances (reconciliation, key, stage, kind, fact, acceptance)
SELECT DISTINCT reconciliation, key, stage, kind, fact, {acceptance:String}
FROM discrepancies
WHERE reconciliation = {reconciliation:String}
  AND judgement = {newest:String}
  AND kind != 'late'
  AND (kind IN {kinds:Array(String)} OR empty({kinds:Array(String)}) AND kind != 'undecided')
  AND (empty({stages:Array(String)}) OR stage IN {stages:Array(String)})
  AND (empty({fields:Array(String)}) OR field != '' AND hasAll({fields:Array(String)}, splitByString(', ', field)))
  AND (empty({keys:Array(String)}) OR key IN {keys:Array(String)})
  AND startsWith(key, {keyPrefix:String})
  AND ({newest:String} = {seen:String} OR (key, stage, kind, fact) IN (
      SELECT key, stage, kind, fact FROM discrepancies WHERE reconciliation = {reconciliation:String} AND judgement = {seen:String}
  ))
  AND (key, stage, kind, fact) NOT IN (
      SELECT key, stage, kind, fact FROM acceptances WHERE reconciliation = {reconciliation:String}
  )
