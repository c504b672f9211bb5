-- Every table as the engine would make it again, by name; without the lock of a migration that may be under way.
SELECT name, formatQuery(create_table_query) AS statement
FROM system.tables
WHERE database = currentDatabase() AND NOT startsWith(name, 'migration_lock')
ORDER BY name
