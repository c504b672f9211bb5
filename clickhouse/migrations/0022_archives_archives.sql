-- Archives: what was written, where, and what with. What an archive says of itself is its manifest in the store of archives; these tables are the register of them.
CREATE TABLE IF NOT EXISTS archives
(
    archive String,
    class LowCardinality(String),
    -- A month of receipt, such as 202601: class and period are a partition of the records.
    period LowCardinality(String),
    policy String,
    policy_version UInt32,
    key_id String,
    state Enum8('writing' = 1, 'written' = 2, 'verified' = 3, 'failed' = 4, 'discarded' = 5),
    -- Of a failed one: what was found wrong.
    fault LowCardinality(String),
    -- What goes into which object: JSON, made once, so that a repeat writes the same.
    plan String CODEC(ZSTD(1)),
    objects UInt32,
    rows UInt64,
    hash UInt64,
    manifest_version String,
    manifest_sha256 String,
    retain_until DateTime64(6, 'UTC'),
    requested_by String,
    requested_at DateTime64(6, 'UTC'),
    changed_at DateTime64(6, 'UTC'),
    revision UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY archive;

CREATE TABLE IF NOT EXISTS archive_objects
(
    archive String,
    number UInt32,
    object String,
    object_version String,
    rows UInt64,
    hash UInt64,
    plain_bytes UInt64,
    plain_sha256 String,
    sealed_bytes UInt64,
    sealed_sha256 String,
    -- Least and greatest values of the main columns: JSON.
    bounds String CODEC(ZSTD(1)),
    written_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (archive, number);

-- Keys of classes and periods, wrapped by the key ring. The newest revision counts; of a key that was destroyed nothing is left but that there was one.
CREATE TABLE IF NOT EXISTS archive_keys
(
    key_id String,
    class LowCardinality(String),
    period LowCardinality(String),
    fingerprint String,
    wrapped_by String,
    wrapped String,
    is_destroyed Bool,
    changed_at DateTime64(6, 'UTC'),
    revision UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY key_id;

-- Keys of subjects: what is personal in archives is sealed under one of these besides. The row is the key: without it nobody reads what it sealed, also where the
-- archive itself cannot be changed any more.
CREATE TABLE IF NOT EXISTS archive_subject_keys
(
    key_id String,
    subject String,
    -- 32 bytes in hexadecimal.
    secret String CODEC(NONE)
)
ENGINE = MergeTree
ORDER BY (key_id, subject)
SETTINGS non_replicated_deduplication_window = 1000;

-- What was counted in an object that was read back: one row for each reading.
CREATE TABLE IF NOT EXISTS archive_readings
(
    reading String,
    rows UInt64,
    hash UInt64,
    erased UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY reading;

CREATE TABLE IF NOT EXISTS archive_restores
(
    restore String,
    archive String,
    state Enum8('restoring' = 1, 'restored' = 2, 'expired' = 3, 'failed' = 4),
    fault LowCardinality(String),
    rows UInt64,
    erased UInt64,
    requested_by String,
    requested_at DateTime64(6, 'UTC'),
    expires_at DateTime64(6, 'UTC'),
    changed_at DateTime64(6, 'UTC'),
    revision UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY restore;

-- Records out of archives, beside those that count. What is personal in them is here as it was stored then; it is masked by the policy of today whenever it is shown.
CREATE TABLE IF NOT EXISTS archive_restored_records
(
    restore String,
    process LowCardinality(String),
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    source LowCardinality(String),
    id String CODEC(ZSTD(1)),
    attempt UInt16,
    type LowCardinality(String),
    outcome LowCardinality(String),
    reason LowCardinality(String),
    field LowCardinality(String),
    occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    occurred_text String CODEC(ZSTD(1)),
    occurred_note LowCardinality(String),
    origin_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    origin_from LowCardinality(String),
    origin_text String CODEC(ZSTD(1)),
    origin_note LowCardinality(String),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    first_received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    correlation_id String CODEC(ZSTD(1)),
    sequence Nullable(UInt64) CODEC(T64, ZSTD(1)),
    status LowCardinality(String),
    class LowCardinality(String),
    test Bool,
    manual Bool,
    synthetic Bool,
    identity FixedString(16) CODEC(NONE),
    payload_hash UInt64 CODEC(NONE),
    sign Int8,
    digest Int64 CODEC(LZ4),
    definition UInt32,
    agreed String CODEC(ZSTD(1)),
    attributes String CODEC(ZSTD(1)),
    contract_version UInt16,
    weight Float64 CODEC(ZSTD(1)),
    categories LowCardinality(String),
    sensitivity LowCardinality(String),
    owner LowCardinality(String),
    form LowCardinality(String),
    data String CODEC(ZSTD(1)),
    -- Whose key is gone: what was personal in it is not here.
    is_erased Bool
)
ENGINE = MergeTree
PARTITION BY restore
ORDER BY (process, key, stage, received_at)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS archive_drills
(
    archive String,
    at DateTime64(6, 'UTC'),
    state Enum8('passed' = 1, 'failed' = 2),
    fault LowCardinality(String),
    rows UInt64,
    bytes UInt64,
    took_ms UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (archive, at);

-- Requests to destroy a key of archives, and what became of them. The newest revision of a key counts; what was answered before is in the audit log.
CREATE TABLE IF NOT EXISTS archive_key_destructions
(
    key_id String,
    state Enum8('requested' = 1, 'approved' = 2, 'refused' = 3, 'lapsed' = 4, 'destroyed' = 5),
    reason String,
    requested_by String,
    requested_at DateTime64(6, 'UTC'),
    approve_by DateTime64(6, 'UTC'),
    answered_by String,
    changed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY key_id;
