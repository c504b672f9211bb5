-- Versioned documents of every kind. A version is written once and never changed; a retry of its write repeats the same row.
CREATE TABLE IF NOT EXISTS documents
(
    kind LowCardinality(String),
    id String,
    version UInt32,
    proposal String,
    body String CODEC(ZSTD(3)),
    changed_by String,
    changed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, id, version);

-- What somebody asked to make the next version. Workflows carry the proposal's id, so that no body stands in a history.
CREATE TABLE IF NOT EXISTS document_proposals
(
    proposal String,
    kind LowCardinality(String),
    id String,
    body String CODEC(ZSTD(3)),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(proposed_at)
ORDER BY proposal
-- A proposal is a version soon, or never; the version has its body.
TTL toDateTime(proposed_at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1;
