-- Windows that were opened, once each.
CREATE TABLE IF NOT EXISTS windows
(
    process LowCardinality(String),
    window_from DateTime64(6, 'UTC'),
    window_to DateTime64(6, 'UTC'),
    reconciliation String,
    opened_by String,
    opened_at DateTime64(6, 'UTC'),
    scheduled Bool,
    INDEX ended window_to TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (process, window_from, window_to);

-- What happened to a window, by whom. A run of its workflow numbers its own; a retry of a write repeats the same row.
CREATE TABLE IF NOT EXISTS window_transitions
(
    reconciliation String,
    at DateTime64(6, 'UTC'),
    run String,
    seq UInt32,
    state LowCardinality(String),
    revision UInt32,
    by String,
    -- Free text that people gave is kept apart and named here.
    reason_id String,
    deadline Nullable(DateTime64(6, 'UTC')),
    alert_id String
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, run, seq);

-- Revisions of a window's verdict, never overwritten. The row is the commit: discrepancies count when a verdict names their judgement.
CREATE TABLE IF NOT EXISTS verdicts
(
    reconciliation String,
    revision UInt32,
    judgement String,
    state LowCardinality(String),
    -- How deep the comparison had to go: digest, key, field.
    depth LowCardinality(String),
    judged_at DateTime64(6, 'UTC'),
    process_version UInt32,
    -- Of the digests that were judged: what arrives later changes it.
    fingerprint String,
    stage_counts Map(LowCardinality(String), Int64),
    kinds Map(LowCardinality(String), UInt64),
    open UInt64,
    accepted UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, revision)
-- Inserts carry the revision as their token: of two judgements that make the same one, the first is kept.
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS discrepancies
(
    reconciliation String,
    judgement String,
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    kind LowCardinality(String),
    hop LowCardinality(String),
    field String,
    expected String CODEC(ZSTD(1)),
    found String CODEC(ZSTD(1)),
    -- Of the fields that differ: how much the one matters that matters most.
    rank LowCardinality(String),
    -- When the first of the events happened that it is about.
    since DateTime64(6, 'UTC'),
    -- What exactly was found: somebody who accepted it accepted this, and nothing that it becomes later.
    fact UInt64 MATERIALIZED sipHash64(field, expected, found),
    judged_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, judgement, key, stage, kind);

-- What people asked to accept, with their reason. Workflows carry the id alone.
CREATE TABLE IF NOT EXISTS acceptance_proposals
(
    acceptance String,
    reconciliation String,
    -- What the person saw: a revision, and the judgement that it stands on.
    revision UInt32,
    judgement String,
    -- Empty: whatever is open.
    selected Array(Tuple(key String, stage String, kind String)),
    reason String CODEC(ZSTD(1)),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY acceptance;

CREATE TABLE IF NOT EXISTS acceptances
(
    reconciliation String,
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    kind LowCardinality(String),
    -- Of the discrepancy as it was accepted.
    fact UInt64,
    acceptance String
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, key, stage, kind, fact);


-- Back-fills: many windows of the past, opened by one workflow. A row for each step that is told; the newest says how far it is.
CREATE TABLE IF NOT EXISTS backfills
(
    backfill String,
    seq UInt32,
    process LowCardinality(String),
    span_from DateTime64(6, 'UTC'),
    span_to DateTime64(6, 'UTC'),
    at_once UInt16,
    asked_by String,
    asked_at DateTime64(6, 'UTC'),
    state Enum8('running' = 1, 'done' = 2, 'stopped' = 3),
    updated_at DateTime64(6, 'UTC'),
    opened UInt32,
    judged UInt32,
    with_gaps UInt32,
    passed UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (backfill, seq);
