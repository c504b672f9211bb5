-- What sagas did, line by line: kept once for saga and number, however often it is told.
CREATE TABLE IF NOT EXISTS saga_journal
(
    saga String,
    seq UInt32,
    -- The contract's name.
    kind LowCardinality(String),
    -- Empty: the saga as a whole.
    step LowCardinality(String),
    state LowCardinality(String),
    at DateTime64(6, 'UTC'),
    -- A principal; empty for the system.
    by String,
    -- Names what they said; of a failure its code.
    remark String,
    counts Map(String, Int64)
)
ENGINE = ReplacingMergeTree
ORDER BY (saga, seq);
