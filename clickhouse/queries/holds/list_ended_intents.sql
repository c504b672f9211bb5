-- How these deletions ended, those that have. Of several ends what the owner says counts: it knows.
SELECT intent, toString(min(deletion_intents.step)) AS step, max(deletion_intents.rows) AS rows
FROM deletion_intents
WHERE intent IN {intents:Array(String)} AND deletion_intents.step != 'open'
GROUP BY intent
ORDER BY intent
SETTINGS select_sequential_consistency = 1
