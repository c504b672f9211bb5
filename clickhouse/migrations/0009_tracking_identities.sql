-- Identities of records whose partition was dropped: what was received once is known for ever. Written before the drop (docs/adr/0001); the rest of a record
-- is gone, but for a hash of what it said and what became of it.
CREATE TABLE IF NOT EXISTS tracking_identities
(
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
ORDER BY (identity, attempt, payload_hash, outcome)
SETTINGS index_granularity = 256;

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
