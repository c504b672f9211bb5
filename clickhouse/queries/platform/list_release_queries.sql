-- The queries of releases.
SELECT DISTINCT release, name, text
FROM schema_reader_queries
WHERE release IN {releases:Array(String)}
ORDER BY release, name
