-- How often the holder of the migration lock gave a sign of life.
SELECT count() AS beats
FROM migration_lock
