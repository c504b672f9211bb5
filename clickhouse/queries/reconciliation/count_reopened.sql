-- Which of these windows have a revision later than the one that is named beside them with more open discrepancies than were so then.
SELECT reconciliation, min(verdicts.revision) AS revision
FROM verdicts
INNER JOIN
(
    SELECT window.1 AS reconciliation, window.2 AS stated, window.3 AS left_open
    FROM (SELECT arrayJoin(arrayZip({reconciliations:Array(String)}, {revisions:Array(UInt32)}, {opens:Array(UInt64)})) AS window)
) AS s USING (reconciliation)
WHERE reconciliation IN {reconciliations:Array(String)} AND verdicts.revision > s.stated AND verdicts.open > s.left_open
GROUP BY reconciliation
ORDER BY reconciliation
