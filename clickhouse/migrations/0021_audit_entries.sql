-- Entries of the audit log, never changed. What is said of one stands in `entry` alone, as canonical JSON (RFC 8785); the leaf of the log is made of it and
-- the salt. The columns to search by are taken from it: a verifier that finds them to differ has found a row that was tampered with.
-- A row whose `commit` was never made is left behind by a writer that was cut off: see docs/adr/0025-audit-log.md.
CREATE TABLE IF NOT EXISTS audit_entries
(
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    commit UInt64 CODEC(Delta, ZSTD(1)),
    at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- 32 random bytes in hexadecimal digits.
    salt String CODEC(ZSTD(1)),
    entry String CODEC(ZSTD(3)),
    id String MATERIALIZED JSONExtractString(entry, 'id') CODEC(ZSTD(1)),
    kind LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'kind'),
    action LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'action'),
    actor LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'actor'),
    subject_kind LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'subjectKind'),
    subject_id String MATERIALIZED JSONExtractString(entry, 'subjectId') CODEC(ZSTD(1)),
    outcome LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'outcome'),
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_action action TYPE set(100) GRANULARITY 1,
    INDEX by_actor actor TYPE set(100) GRANULARITY 1,
    INDEX by_subject subject_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (sequence, commit);
