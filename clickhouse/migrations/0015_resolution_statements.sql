-- Statements that a period may be reported, as they were signed.
CREATE TABLE IF NOT EXISTS statements
(
    statement String,
    gate LowCardinality(String),
    period String,
    gate_version UInt32,
    issued_by String,
    issued_at DateTime64(6, 'UTC'),
    -- JSON Web Signature, compact.
    signature String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (period, gate, statement);

-- The revisions that a statement stands on. They are written before it: without it they count for nothing.
CREATE TABLE IF NOT EXISTS statement_windows
(
    statement String,
    reconciliation String,
    revision UInt32,
    open UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (statement, reconciliation);
