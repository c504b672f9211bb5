-- Which processes work on this store, so that a migration can be tried against the queries of those that run. Written at their start, every ten minutes and at
-- their end.
CREATE TABLE IF NOT EXISTS schema_readers
(
    instance String,
    release LowCardinality(String),
    -- Host and process id: where to look for it.
    place String,
    state Enum8('running' = 1, 'ended' = 2),
    at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
PARTITION BY toMonday(at)
ORDER BY instance
-- Who has been silent for half an hour does not count.
TTL toDateTime(at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1;

-- The queries of each release that has worked on this store. A release is named after the hash of its queries: its rows never change.
CREATE TABLE IF NOT EXISTS schema_reader_queries
(
    release LowCardinality(String),
    name String,
    text String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (release, name)
-- A release inserts its queries under its name as token at every start; it is there once.
SETTINGS non_replicated_deduplication_window = 1000;
