-- Every table of the database with what it holds.
SELECT
    name,
    engine,
    ifNull(total_rows, 0) AS rows,
    ifNull(total_bytes, 0) AS bytes,
    create_table_query AS statement
FROM system.tables
WHERE database = currentDatabase()
ORDER BY position(engine, 'View') > 0 OR engine = 'Dictionary', name
