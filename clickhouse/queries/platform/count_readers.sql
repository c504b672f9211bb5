-- Whether any process has ever worked on this store.
SELECT count() AS readers
FROM schema_readers
