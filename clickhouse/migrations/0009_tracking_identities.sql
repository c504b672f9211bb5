-- Identities of everything that was received, in the order of their hashes: what was received once is known for ever, also when its partition was dropped. Copied
-- from tracking_records soon after receipt (docs/adr/0014), so that they agree with it after any crash; the rest of a record stands there alone.
CREATE TABLE IF NOT EXISTS tracking_identities
(
    -- Counts up: each generation is twice as large as the one before it, and merged into one part when it is complete. Intake knows which one may hold an identity.
    generation UInt8,
    identity FixedString(16) CODEC(NONE),
    attempt UInt16,
    payload_hash UInt64 CODEC(NONE),
    outcome Enum8('stored' = 1, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9),
    reason LowCardinality(String),
    process LowCardinality(String),
    stage LowCardinality(String),
    origin_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY generation
ORDER BY (identity, attempt, payload_hash, outcome)
-- A batch asks for thousands of hashes that stand anywhere: each reads one granule, and one block of each column.
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 4096;

-- Up to when what was received stands in tracking_identities: one row, the highest counts.
CREATE TABLE IF NOT EXISTS tracking_identity_marks
(
    kept_until DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(kept_until)
ORDER BY tuple();

-- Which key names of records were made with, by its fingerprint: under another one, everything would be new.
CREATE TABLE IF NOT EXISTS tracking_identity_keys
(
    fingerprint String,
    first_used_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY fingerprint;

-- Which process takes records in: the newest claim counts, unless it was given up. One row for each start, and one for each end in order.
CREATE TABLE IF NOT EXISTS intake_claims
(
    claimed_at DateTime64(6, 'UTC'),
    owner String,
    is_given_up Bool
)
ENGINE = MergeTree
ORDER BY claimed_at;
