-- How far a migration has come: its statements that were begun, with the mutations that their table had before, and those that are done.
SELECT statement, checksum, max(state = 'done') AS done, groupArrayArray(mutations) AS before
FROM schema_statements
WHERE version = {version:UInt32}
GROUP BY statement, checksum
ORDER BY statement
