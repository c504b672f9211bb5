-- Tables of deletions that were made before a time: a deletion is over long before that, or died.
SELECT name
FROM system.tables
WHERE database = currentDatabase()
  AND match(name, '^deletion_[0-9a-f]{32}$')
  AND toUnixTimestamp(metadata_modification_time) * 1000000 < {before:Int64}
