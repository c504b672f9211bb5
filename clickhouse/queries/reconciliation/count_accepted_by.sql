-- How many discrepancies of a window an acceptance accepted.
SELECT count() AS found
FROM
(
    SELECT DISTINCT key, stage, kind, fact
    FROM acceptances
    WHERE reconciliation = {reconciliation:String} AND acceptance = {acceptance:String}
)
