-- Who holds the migration lock: its holder's id is the comment of the table.
SELECT comment AS owner
FROM system.tables
WHERE database = currentDatabase() AND name = 'migration_lock'
