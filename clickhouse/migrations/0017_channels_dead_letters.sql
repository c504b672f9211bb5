-- Notifications that nobody got: refused for good, or given up.
CREATE TABLE IF NOT EXISTS dead_letters
(
    dead_letter String,
    channel LowCardinality(String),
    -- A person's address on the channel; empty: where the channel says.
    recipient String,
    alert_id String,
    notification String CODEC(ZSTD(1)),
    code LowCardinality(String),
    given_up_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY dead_letter;

-- What became of them when somebody sent them again.
CREATE TABLE IF NOT EXISTS dead_letter_replays
(
    dead_letter String,
    replayed_at DateTime64(6, 'UTC'),
    replayed_by String,
    -- Empty: it was delivered.
    code LowCardinality(String),
    ref String
)
ENGINE = ReplacingMergeTree
ORDER BY (dead_letter, replayed_at);

-- Who is sending one again: of two at once, at most one does.
CREATE TABLE IF NOT EXISTS dead_letter_claims
(
    dead_letter String,
    claim String,
    state Enum8('claimed' = 1, 'released' = 2),
    at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (dead_letter, claim, state);
