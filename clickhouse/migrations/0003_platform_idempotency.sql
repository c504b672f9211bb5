-- What came with an Idempotency-Key: a claim by the call that carries the request out, then its answer. Keys and bodies are there as hashes only.
CREATE TABLE IF NOT EXISTS idempotency_keys
(
    -- SHA-256 of principal, route and key.
    key_hash FixedString(64),
    claim String,
    state Enum8('claimed' = 1, 'answered' = 2, 'released' = 3),
    -- SHA-256 of address and body.
    request_hash FixedString(64),
    -- The answer: its status and its body as JSON.
    status UInt16,
    answer String CODEC(ZSTD(1)),
    at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(at)
ORDER BY (key_hash, claim, state)
-- Nobody asks for what is older than seven days.
TTL toDateTime(at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1;
