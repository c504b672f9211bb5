-- How many open discrepancies of a judgement a selection names. Time that was not judged is selected by its kind alone.
SELECT count() AS found
FROM
(
    SELECT DISTINCT key, stage, kind
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String}
      AND judgement = {judgement:String}
      AND kind != 'late'
      AND (kind IN {kinds:Array(String)} OR empty({kinds:Array(String)}) AND kind != 'undecided')
      AND (empty({stages:Array(String)}) OR stage IN {stages:Array(String)})
      AND (empty({fields:Array(String)}) OR field != '' AND hasAll({fields:Array(String)}, splitByString(', ', field)))
      AND (empty({keys:Array(String)}) OR key IN {keys:Array(String)})
      AND startsWith(key, {keyPrefix:String})
      AND (key, stage, kind, fact) NOT IN (
          SELECT key, stage, kind, fact FROM acceptances WHERE reconciliation = {reconciliation:String}
      )
)
