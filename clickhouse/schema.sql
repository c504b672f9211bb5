-- Every table after all migrations. Generated from clickhouse/migrations by `npm run generate`: to read, not to run.

CREATE TABLE acceptance_proposals
(
    `acceptance` String,
    `reconciliation` String,
    `revision` UInt32,
    `judgement` String,
    `selected` Array(Tuple(
        key String,
        stage String,
        kind String)),
    `reason` String CODEC(ZSTD(1)),
    `proposed_by` String,
    `proposed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY acceptance
SETTINGS index_granularity = 8192;

CREATE TABLE acceptances
(
    `reconciliation` String,
    `key` String CODEC(ZSTD(1)),
    `stage` LowCardinality(String),
    `kind` LowCardinality(String),
    `fact` UInt64,
    `acceptance` String
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, key, stage, kind, fact)
SETTINGS index_granularity = 8192;

CREATE TABLE alert_transitions
(
    `alert_id` String,
    `seq` UInt32,
    `kind` LowCardinality(String),
    `at` DateTime64(6, 'UTC'),
    `level` UInt8,
    `repeat` UInt8,
    `target` UInt8,
    `routing_key` LowCardinality(String),
    `dedup_key` String,
    `code` LowCardinality(String),
    `by` String,
    `via` LowCardinality(String),
    `reason` LowCardinality(String),
    `delivery_id` String
)
ENGINE = ReplacingMergeTree
ORDER BY (alert_id, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE alerts
(
    `alert_id` String,
    `fingerprint` String,
    `process` LowCardinality(String),
    `subject_kind` LowCardinality(String),
    `subject_id` String,
    `severity` LowCardinality(String),
    `policy` LowCardinality(String),
    `policy_version` UInt32,
    `open` UInt64,
    `revision` UInt32,
    `raised_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY alert_id
SETTINGS index_granularity = 8192;

CREATE TABLE api_keys
(
    `id` String,
    `event` Enum8('created' = 1, 'revoked' = 2),
    `principal` String,
    `secret_hash` String,
    `expires_at` DateTime64(6, 'UTC'),
    `at` DateTime64(6, 'UTC'),
    `by` String
)
ENGINE = ReplacingMergeTree
ORDER BY (id, event)
SETTINGS index_granularity = 8192;

CREATE TABLE discrepancies
(
    `reconciliation` String,
    `judgement` String,
    `key` String CODEC(ZSTD(1)),
    `stage` LowCardinality(String),
    `kind` LowCardinality(String),
    `hop` LowCardinality(String),
    `field` String,
    `expected` String CODEC(ZSTD(1)),
    `found` String CODEC(ZSTD(1)),
    `fact` UInt64 MATERIALIZED sipHash64(field, expected, found),
    `judged_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, judgement, key, stage, kind)
SETTINGS index_granularity = 8192;

CREATE TABLE document_proposals
(
    `proposal` String,
    `kind` LowCardinality(String),
    `id` String,
    `body` String CODEC(ZSTD(3)),
    `proposed_by` String,
    `proposed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(proposed_at)
ORDER BY proposal
TTL toDateTime(proposed_at) + toIntervalDay(14)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE documents
(
    `kind` LowCardinality(String),
    `id` String,
    `version` UInt32,
    `proposal` String,
    `body` String CODEC(ZSTD(3)),
    `changed_by` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, id, version)
SETTINGS index_granularity = 8192;

CREATE TABLE idempotency_keys
(
    `key_hash` FixedString(64),
    `claim` String,
    `state` Enum8('claimed' = 1, 'answered' = 2, 'released' = 3),
    `request_hash` FixedString(64),
    `status` UInt16,
    `answer` String CODEC(ZSTD(1)),
    `at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(at)
ORDER BY (key_hash, claim, state)
TTL toDateTime(at) + toIntervalDay(14)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE principals
(
    `id` String,
    `kind` Enum8('person' = 1, 'machine' = 2),
    `roles` Array(LowCardinality(String)),
    `at` DateTime64(6, 'UTC'),
    `by` String
)
ENGINE = ReplacingMergeTree
ORDER BY (id, at)
SETTINGS index_granularity = 8192;

CREATE TABLE quarantine_replays
(
    `replay` String,
    `seq` UInt32,
    `state` Enum8('running' = 1, 'done' = 2, 'stopped' = 3),
    `selection` String CODEC(ZSTD(1)),
    `asked_by` LowCardinality(String),
    `asked_at` DateTime64(6, 'UTC'),
    `updated_at` DateTime64(6, 'UTC'),
    `released` UInt64,
    `still_bad` UInt64,
    `gone` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (replay, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE quarantine_steps
(
    `item` String CODEC(ZSTD(1)),
    `at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `step` Enum8('assigned' = 1, 'patched' = 2, 'still_bad' = 3, 'released' = 4, 'discarded' = 5),
    `done_by` LowCardinality(String),
    `assignee` LowCardinality(String),
    `record` String CODEC(ZSTD(3)),
    `outcome` LowCardinality(String),
    `code` LowCardinality(String),
    `field` LowCardinality(String),
    `reason` String CODEC(ZSTD(1)),
    `replay` String
)
ENGINE = ReplacingMergeTree
ORDER BY (item, at, step)
SETTINGS index_granularity = 8192;

CREATE TABLE schema_migrations
(
    `version` UInt32,
    `name` String,
    `checksum` String,
    `applied_at` DateTime64(3, 'UTC'),
    `runner` String
)
ENGINE = MergeTree
ORDER BY version
SETTINGS index_granularity = 8192;

CREATE TABLE schema_reader_queries
(
    `release` LowCardinality(String),
    `name` String,
    `text` String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (release, name)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192;

CREATE TABLE schema_readers
(
    `instance` String,
    `release` LowCardinality(String),
    `place` String,
    `state` Enum8('running' = 1, 'ended' = 2),
    `at` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
PARTITION BY toMonday(at)
ORDER BY instance
TTL toDateTime(at) + toIntervalDay(14)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE schema_statements
(
    `version` UInt32,
    `statement` UInt32,
    `checksum` String,
    `state` Enum8('begun' = 1, 'done' = 2),
    `mutations` Array(String),
    `at` DateTime64(3, 'UTC'),
    `runner` String
)
ENGINE = MergeTree
ORDER BY (version, statement, at)
SETTINGS index_granularity = 8192;

CREATE TABLE tracking_records
(
    `process` LowCardinality(String),
    `origin_hour` DateTime('UTC') MATERIALIZED toStartOfHour(toDateTime(origin_at, 'UTC')),
    `key` String CODEC(ZSTD(1)),
    `stage` LowCardinality(String),
    `source` LowCardinality(String),
    `id` String CODEC(ZSTD(1)),
    `attempt` UInt16,
    `type` LowCardinality(String),
    `outcome` Enum8('stored' = 1, 'duplicate' = 2, 'conflict' = 3, 'rejected' = 4, 'retraction' = 5, 'restatement' = 6, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9),
    `reason` LowCardinality(String),
    `field` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `occurred_text` String CODEC(ZSTD(1)),
    `occurred_note` Enum8('none' = 0, 'gap' = 1, 'fold' = 2),
    `origin_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `origin_from` Enum8('event' = 1, 'key' = 2, 'own' = 3),
    `origin_text` String CODEC(ZSTD(1)),
    `origin_note` Enum8('none' = 0, 'gap' = 1, 'fold' = 2),
    `received_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `first_received_at` DateTime64(6, 'UTC') DEFAULT received_at CODEC(Delta(8), ZSTD(1)),
    `correlation_id` String CODEC(ZSTD(1)),
    `sequence` Nullable(UInt64) CODEC(ZSTD(1)),
    `status` Enum8('ok' = 1, 'failed' = 2, 'cancelled' = 3) DEFAULT 'ok',
    `class` Enum8('standard' = 1, 'test' = 2, 'quarantine' = 3) DEFAULT 'standard',
    `identity` FixedString(16) CODEC(NONE),
    `payload_hash` UInt64 CODEC(NONE),
    `sign` Int8,
    `digest` Int64 CODEC(NONE),
    `definition` UInt32,
    `agreed` String CODEC(ZSTD(1)),
    `attributes` String CODEC(ZSTD(1)),
    `contract_version` UInt16,
    `owner` LowCardinality(String),
    `form` Enum8('event' = 0, 'cloud-event' = 1),
    `data` String CODEC(ZSTD(1)),
    PROJECTION identities
    (
        SELECT
            identity,
            attempt,
            payload_hash,
            outcome,
            reason,
            process,
            stage,
            key,
            origin_at
        ORDER BY identity
    ) WITH SETTINGS (index_granularity = 256),
    PROJECTION key_origins
    (
        SELECT
            process,
            key,
            origin_at,
            origin_from,
            outcome,
            class,
            count()
        GROUP BY
            process,
            key,
            origin_at,
            origin_from,
            outcome,
            class
    ),
    PROJECTION digests
    (
        SELECT
            process,
            toStartOfMinute(origin_at),
            stage,
            definition,
            sum(sign),
            sum(digest),
            max(if(sign > 0, occurred_at, toDateTime64(0, 6, 'UTC')))
        GROUP BY
            process,
            toStartOfMinute(origin_at),
            stage,
            definition
    ),
    PROJECTION account
    (
        SELECT
            source,
            process,
            toStartOfSecond(first_received_at),
            outcome,
            reason,
            count()
        GROUP BY
            source,
            process,
            toStartOfSecond(first_received_at),
            outcome,
            reason
    )
)
ENGINE = MergeTree
PARTITION BY (class, toYYYYMM(received_at))
ORDER BY (process, origin_hour, key, stage)
SETTINGS non_replicated_deduplication_window = 1000, lightweight_mutation_projection_mode = 'rebuild', index_granularity = 8192;

CREATE TABLE verdicts
(
    `reconciliation` String,
    `revision` UInt32,
    `judgement` String,
    `state` LowCardinality(String),
    `depth` LowCardinality(String),
    `judged_at` DateTime64(6, 'UTC'),
    `process_version` UInt32,
    `fingerprint` String,
    `stage_counts` Map(LowCardinality(String), Int64),
    `kinds` Map(LowCardinality(String), UInt64),
    `open` UInt64,
    `accepted` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, revision)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE TABLE webhook_deliveries
(
    `event_id` String,
    `event_type` LowCardinality(String),
    `dedup_key` String,
    `alert_id` String,
    `outcome` Enum8('accepted' = 1, 'ignored' = 2),
    `code` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `received_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY event_id
SETTINGS index_granularity = 8192;

CREATE TABLE window_transitions
(
    `reconciliation` String,
    `at` DateTime64(6, 'UTC'),
    `run` String,
    `seq` UInt32,
    `state` LowCardinality(String),
    `revision` UInt32,
    `by` String,
    `reason_id` String,
    `deadline` Nullable(DateTime64(6, 'UTC')),
    `alert_id` String
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, run, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE windows
(
    `process` LowCardinality(String),
    `window_from` DateTime64(6, 'UTC'),
    `window_to` DateTime64(6, 'UTC'),
    `reconciliation` String,
    `opened_by` String,
    `opened_at` DateTime64(6, 'UTC'),
    `scheduled` Bool,
    INDEX ended window_to TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (process, window_from, window_to)
SETTINGS index_granularity = 8192;
