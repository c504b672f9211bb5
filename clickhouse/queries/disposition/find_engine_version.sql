-- The engine's own version.
SELECT version() AS version
