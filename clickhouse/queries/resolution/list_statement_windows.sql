-- The revisions that a statement stands on, after a window.
SELECT reconciliation, revision, open
FROM statement_windows
WHERE statement = {statement:String} AND reconciliation > {after:String}
ORDER BY reconciliation
LIMIT 1 BY reconciliation
LIMIT {limit:UInt32}
