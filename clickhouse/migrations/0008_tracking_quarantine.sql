-- What people and replays did with quarantined records: a row for each step, never changed. The records themselves are in tracking_records, class quarantine.
CREATE TABLE IF NOT EXISTS quarantine_steps
(
    -- identity and payload hash of the record
    item String CODEC(ZSTD(1)),
    at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    step Enum8('assigned' = 1, 'patched' = 2, 'still_bad' = 3, 'released' = 4, 'discarded' = 5),
    done_by LowCardinality(String),
    assignee LowCardinality(String),
    -- The record as a patch left it.
    record String CODEC(ZSTD(3)),
    -- What became of a released one; why one is still bad, and where.
    outcome LowCardinality(String),
    code LowCardinality(String),
    field LowCardinality(String),
    -- In the steward's words.
    reason String CODEC(ZSTD(1)),
    replay String
)
ENGINE = ReplacingMergeTree
ORDER BY (item, at, step);

-- Replays as people asked for them, and how far they are; the newest row of each counts.
CREATE TABLE IF NOT EXISTS quarantine_replays
(
    replay String,
    seq UInt32,
    state Enum8('running' = 1, 'done' = 2, 'stopped' = 3),
    selection String CODEC(ZSTD(1)),
    asked_by LowCardinality(String),
    asked_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC'),
    released UInt64,
    still_bad UInt64,
    gone UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (replay, seq);
