-- Every record that intake received, with its outcome: one row in one part, so that the event, its place in digests and its count in the account
-- are there together or not at all. What other tables would hold beside it are projections of the same part. See docs/adr/0001.
--
-- Rows with a sign other than 0 are what reconciliation counts: +1 adds an event to a stage of a key, -1 takes it back (a later attempt replaced it, or the
-- key's origin became known). Sums over sign and digest are therefore always those of the events that count now.
CREATE TABLE IF NOT EXISTS tracking_records
(
    process LowCardinality(String),
    origin_hour DateTime('UTC') MATERIALIZED toStartOfHour(toDateTime(origin_at, 'UTC')),
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    source LowCardinality(String),
    id String CODEC(ZSTD(1)),
    attempt UInt16,
    type LowCardinality(String),
    outcome Enum8('stored' = 1, 'duplicate' = 2, 'conflict' = 3, 'rejected' = 4, 'retraction' = 5, 'restatement' = 6, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9),
    -- Why it was rejected or quarantined, or what a contract warns of: a code, and the field that it names. Of a released one: what became of it.
    reason LowCardinality(String),
    field LowCardinality(String),
    occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- The sender's text, where the time alone does not give it back, and what had to be decided of a local one: its clock skipped it, or showed it twice.
    occurred_text String CODEC(ZSTD(1)),
    occurred_note Enum8('none' = 0, 'gap' = 1, 'fold' = 2),
    -- The time of the business fact, the same at every stage of a key: what windows are over.
    origin_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- Whether the event carried it, it was taken from the key's other events, or nothing better was known than the event's own time.
    origin_from Enum8('event' = 1, 'key' = 2, 'own' = 3),
    origin_text String CODEC(ZSTD(1)),
    origin_note Enum8('none' = 0, 'gap' = 1, 'fold' = 2),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- Of a record out of quarantine: when it was first received, where the account has it. Of a correction: when its event was.
    first_received_at DateTime64(6, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    correlation_id String CODEC(ZSTD(1)),
    sequence Nullable(UInt64) CODEC(T64, ZSTD(1)),
    status Enum8('ok' = 1, 'failed' = 2, 'cancelled' = 3) DEFAULT 'ok',
    -- What is kept for how long: the class of the process when the record came, but for tests and probes, and for quarantine. A partition holds one class.
    class Enum8('standard' = 1, 'test' = 2, 'quarantine' = 3, 'short' = 4, 'financial' = 5, 'audit' = 6) DEFAULT 'standard',
    -- Tests and probes (synthetic) count nowhere; what a person entered (manual) does.
    test Bool,
    manual Bool,
    synthetic Bool,
    -- First 128 bits of a keyed SHA-256 over source and id: the event. The record is event and attempt.
    identity FixedString(16) CODEC(NONE),
    -- First 64 bits of SHA-256 over what the sender said.
    payload_hash UInt64 CODEC(NONE),
    sign Int8,
    -- sign times the first 64 bits of SHA-256 over definition, key and agreed fields; sums wrap.
    digest Int64 CODEC(LZ4),
    -- What the digest was made of (definitionOf in the catalogue).
    definition UInt32,
    -- The agreed fields' values as a JSON array, in the definition's order.
    agreed String CODEC(ZSTD(1)),
    -- What the sender said beside the data and no column takes, as a JSON object: extensions of a CloudEvent. Empty for nothing.
    attributes String CODEC(ZSTD(1)),
    -- The version of its type's contract that it was checked by; 0 for none.
    contract_version UInt16,
    -- How many records it stands for, where its stage keeps a share of them alone.
    weight Float64 DEFAULT 1 CODEC(ZSTD(1)),
    -- What is personal in it as it stands here: regulatory categories, joined by commas, and how much it tells of a person, at most.
    categories LowCardinality(String),
    sensitivity LowCardinality(String) DEFAULT 'public',
    -- Of a quarantined record: who repairs it, and what its bytes are.
    owner LowCardinality(String),
    form Enum8('event' = 0, 'cloud-event' = 1),
    -- The event's data as it came; of a quarantined record, all of it.
    data String CODEC(ZSTD(1)),

    PROJECTION key_origins
    (
        SELECT process, key, origin_at, origin_from, outcome, class, count()
        GROUP BY process, key, origin_at, origin_from, outcome, class
    ),
    PROJECTION digests
    (
        SELECT process, toStartOfMinute(origin_at), stage, definition, sum(sign), sum(digest), max(if(sign > 0, occurred_at, toDateTime64(0, 6, 'UTC')))
        GROUP BY process, toStartOfMinute(origin_at), stage, definition
    ),
    PROJECTION watermarks
    (
        SELECT process, stage, source, outcome, max(origin_at), max(received_at)
        GROUP BY process, stage, source, outcome
    ),
    PROJECTION account
    (
        SELECT source, process, toStartOfSecond(first_received_at), outcome, reason, count()
        GROUP BY source, process, toStartOfSecond(first_received_at), outcome, reason
    )
)
ENGINE = MergeTree
PARTITION BY (class, toYYYYMM(received_at))
ORDER BY (process, origin_hour, key, stage)
-- Projections are made by the first merge of a part: an insert would write five directories instead of one. Parts without them are read as they are.
SETTINGS non_replicated_deduplication_window = 1000, lightweight_mutation_projection_mode = 'rebuild',
    materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;
