-- Migrations that this store has, in order.
SELECT DISTINCT version, name, checksum
FROM schema_migrations
ORDER BY version
