-- What people and replays did with quarantined records: a row for each step, never changed. The records themselves are in tracking_records, class quarantine.
-- Steps stand in the order of the queue, and by month of receipt as the records do: they may hold as much of a person, and go when the records of their month
-- have gone (docs/adr/0013).
CREATE TABLE IF NOT EXISTS quarantine_steps
(
    -- When the record was received; with its identity and its payload hash, which name the item.
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    item String CODEC(ZSTD(1)),
    identity FixedString(16) MATERIALIZED unhex(substring(item, 1, 32)) CODEC(NONE),
    payload_hash UInt64 MATERIALIZED reinterpretAsUInt64(unhex(substring(item, 34, 16))) CODEC(NONE),
    at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- 'leaving' is written before a record leaves, with who wants it and why; what comes of it has the same time: 'released', 'discarded', 'still_bad', 'gone' when it
    -- had left before, 'stayed' when nothing was stored.
    step Enum8('assigned' = 1, 'patched' = 2, 'still_bad' = 3, 'released' = 4, 'discarded' = 5, 'leaving' = 6, 'gone' = 7, 'stayed' = 8),
    done_by LowCardinality(String),
    assignee LowCardinality(String),
    -- The record as a patch left it.
    record String CODEC(ZSTD(3)),
    -- What became of a released one, or is to become of a leaving one; why one is still bad, and where.
    outcome LowCardinality(String),
    code LowCardinality(String),
    field LowCardinality(String),
    -- In the steward's words.
    reason String CODEC(ZSTD(1)),
    replay String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (received_at, identity, payload_hash, at, step);

-- Replays as people asked for them, and how far they are; the newest row of each counts. What they select may name a person: dropped by month, 90 days after.
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
PARTITION BY toYYYYMM(asked_at)
ORDER BY (replay, seq);
