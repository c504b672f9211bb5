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
    `repeat` UInt32,
    `target` UInt16,
    `routing_key` LowCardinality(String),
    `channel` LowCardinality(String),
    `person` LowCardinality(String),
    `dedup_key` String,
    `code` LowCardinality(String),
    `by` String,
    `via` LowCardinality(String),
    `reason` LowCardinality(String),
    `delivery_id` String,
    `until` DateTime64(6, 'UTC'),
    `revision` UInt32
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
    `labels` Map(LowCardinality(String), String),
    `group_key` String,
    `context` String CODEC(ZSTD(1)),
    `raised_at` DateTime64(6, 'UTC'),
    INDEX groups group_key TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX fingerprints fingerprint TYPE bloom_filter(0.01) GRANULARITY 1
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

CREATE TABLE archive_drills
(
    `archive` String,
    `at` DateTime64(6, 'UTC'),
    `state` Enum8('passed' = 1, 'failed' = 2),
    `fault` LowCardinality(String),
    `rows` UInt64,
    `bytes` UInt64,
    `took_ms` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (archive, at)
SETTINGS index_granularity = 8192;

CREATE TABLE archive_key_destructions
(
    `key_id` String,
    `state` Enum8('requested' = 1, 'approved' = 2, 'refused' = 3, 'lapsed' = 4, 'destroyed' = 5),
    `reason` String,
    `requested_by` String,
    `requested_at` DateTime64(6, 'UTC'),
    `approve_by` DateTime64(6, 'UTC'),
    `answered_by` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY key_id
SETTINGS index_granularity = 8192;

CREATE TABLE archive_keys
(
    `key_id` String,
    `class` LowCardinality(String),
    `period` LowCardinality(String),
    `fingerprint` String,
    `wrapped_by` String,
    `wrapped` String,
    `is_destroyed` Bool,
    `changed_at` DateTime64(6, 'UTC'),
    `revision` UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY key_id
SETTINGS index_granularity = 8192;

CREATE TABLE archive_objects
(
    `archive` String,
    `number` UInt32,
    `object` String,
    `object_version` String,
    `rows` UInt64,
    `hash` UInt64,
    `plain_bytes` UInt64,
    `plain_sha256` String,
    `sealed_bytes` UInt64,
    `sealed_sha256` String,
    `bounds` String CODEC(ZSTD(1)),
    `written_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (archive, number)
SETTINGS index_granularity = 8192;

CREATE TABLE archive_readings
(
    `reading` String,
    `rows` UInt64,
    `hash` UInt64,
    `erased` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY reading
SETTINGS index_granularity = 8192;

CREATE TABLE archive_restored_records
(
    `restore` String,
    `process` LowCardinality(String),
    `key` String CODEC(ZSTD(1)),
    `stage` LowCardinality(String),
    `source` LowCardinality(String),
    `id` String CODEC(ZSTD(1)),
    `attempt` UInt16,
    `type` LowCardinality(String),
    `outcome` LowCardinality(String),
    `reason` LowCardinality(String),
    `field` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `occurred_text` String CODEC(ZSTD(1)),
    `occurred_note` LowCardinality(String),
    `origin_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `origin_from` LowCardinality(String),
    `origin_text` String CODEC(ZSTD(1)),
    `origin_note` LowCardinality(String),
    `received_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `first_received_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `correlation_id` String CODEC(ZSTD(1)),
    `sequence` Nullable(UInt64) CODEC(T64, ZSTD(1)),
    `status` LowCardinality(String),
    `class` LowCardinality(String),
    `test` Bool,
    `manual` Bool,
    `synthetic` Bool,
    `identity` FixedString(16) CODEC(NONE),
    `payload_hash` UInt64 CODEC(NONE),
    `sign` Int8,
    `digest` Int64 CODEC(LZ4),
    `definition` UInt32,
    `agreed` String CODEC(ZSTD(1)),
    `attributes` String CODEC(ZSTD(1)),
    `contract_version` UInt16,
    `weight` Float64 CODEC(ZSTD(1)),
    `categories` LowCardinality(String),
    `sensitivity` LowCardinality(String),
    `owner` LowCardinality(String),
    `form` LowCardinality(String),
    `data` String CODEC(ZSTD(1)),
    `is_erased` Bool
)
ENGINE = MergeTree
PARTITION BY restore
ORDER BY (process, key, stage, received_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192;

CREATE TABLE archive_restores
(
    `restore` String,
    `archive` String,
    `state` Enum8('restoring' = 1, 'restored' = 2, 'expired' = 3, 'failed' = 4),
    `fault` LowCardinality(String),
    `rows` UInt64,
    `erased` UInt64,
    `requested_by` String,
    `requested_at` DateTime64(6, 'UTC'),
    `expires_at` DateTime64(6, 'UTC'),
    `changed_at` DateTime64(6, 'UTC'),
    `revision` UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY restore
SETTINGS index_granularity = 8192;

CREATE TABLE archive_subject_keys
(
    `key_id` String,
    `subject` String,
    `secret` String CODEC(NONE)
)
ENGINE = MergeTree
ORDER BY (key_id, subject)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192;

CREATE TABLE archives
(
    `archive` String,
    `class` LowCardinality(String),
    `period` LowCardinality(String),
    `policy` String,
    `policy_version` UInt32,
    `key_id` String,
    `state` Enum8('writing' = 1, 'written' = 2, 'verified' = 3, 'failed' = 4, 'discarded' = 5),
    `fault` LowCardinality(String),
    `plan` String CODEC(ZSTD(1)),
    `objects` UInt32,
    `rows` UInt64,
    `hash` UInt64,
    `manifest_version` String,
    `manifest_sha256` String,
    `retain_until` DateTime64(6, 'UTC'),
    `requested_by` String,
    `requested_at` DateTime64(6, 'UTC'),
    `changed_at` DateTime64(6, 'UTC'),
    `revision` UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY archive
SETTINGS index_granularity = 8192;

CREATE TABLE arrival_counts
(
    `source` LowCardinality(String),
    `process` LowCardinality(String),
    `bucket` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `arrivals` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (source, process, bucket)
SETTINGS index_granularity = 8192;

CREATE TABLE audit_entries
(
    `sequence` UInt64 CODEC(Delta(8), ZSTD(1)),
    `commit` UInt64 CODEC(Delta(8), ZSTD(1)),
    `at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `salt` String CODEC(ZSTD(1)),
    `entry` String CODEC(ZSTD(3)),
    `id` String MATERIALIZED JSONExtractString(entry, 'id') CODEC(ZSTD(1)),
    `kind` LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'kind'),
    `action` LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'action'),
    `actor` LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'actor'),
    `subject_kind` LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'subjectKind'),
    `subject_id` String MATERIALIZED JSONExtractString(entry, 'subjectId') CODEC(ZSTD(1)),
    `outcome` LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'outcome'),
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_action action TYPE set(100) GRANULARITY 1,
    INDEX by_actor actor TYPE set(100) GRANULARITY 1,
    INDEX by_subject subject_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (sequence, commit)
SETTINGS index_granularity = 8192;

CREATE TABLE backfills
(
    `backfill` String,
    `seq` UInt32,
    `process` LowCardinality(String),
    `span_from` DateTime64(6, 'UTC'),
    `span_to` DateTime64(6, 'UTC'),
    `at_once` UInt16,
    `asked_by` String,
    `asked_at` DateTime64(6, 'UTC'),
    `state` Enum8('running' = 1, 'done' = 2, 'stopped' = 3),
    `updated_at` DateTime64(6, 'UTC'),
    `opened` UInt32,
    `judged` UInt32,
    `with_gaps` UInt32,
    `passed` UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (backfill, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE change_announcements
(
    `change` String,
    `state` LowCardinality(String),
    `announced_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (change, state)
SETTINGS index_granularity = 8192;

CREATE TABLE changes
(
    `change` String,
    `kind` LowCardinality(String),
    `state` LowCardinality(String),
    `labels` Map(LowCardinality(String), String),
    `title` String CODEC(ZSTD(1)),
    `link` String CODEC(ZSTD(1)),
    `made_by` String,
    `at` DateTime64(6, 'UTC'),
    `reported_by` LowCardinality(String),
    `reported_at` DateTime64(6, 'UTC'),
    INDEX change_index change TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (at, change, state, reported_at)
SETTINGS index_granularity = 8192;

CREATE TABLE clock_skews
(
    `source` LowCardinality(String),
    `hour` DateTime('UTC'),
    `skew` Int64,
    `uncertainty` UInt64,
    `samples` UInt64,
    `measured_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY (source, hour)
SETTINGS index_granularity = 8192;

CREATE TABLE comparison_differences
(
    `comparison` String,
    `asked_at` DateTime64(6, 'UTC'),
    `execution` String,
    `segment` UInt32,
    `ordinal` UInt32,
    `kind` Enum8('added' = 1, 'removed' = 2, 'changed' = 3),
    `key` Array(Nullable(String)) CODEC(ZSTD(1)),
    `source` Array(Nullable(String)) CODEC(ZSTD(1)),
    `target` Array(Nullable(String)) CODEC(ZSTD(1)),
    `columns` Array(UInt16)
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(asked_at)
ORDER BY (comparison, segment, execution, ordinal)
SETTINGS index_granularity = 8192;

CREATE TABLE comparison_results
(
    `comparison` String,
    `ended_at` DateTime64(6, 'UTC'),
    `state` LowCardinality(String),
    `executions` Array(String),
    `ends` Array(UInt32),
    `key_columns` Array(String),
    `compared_columns` Array(String),
    `added` UInt64,
    `removed` UInt64,
    `changed` UInt64,
    `same` UInt64,
    `rows` UInt64,
    `bytes` UInt64,
    `seconds` Float64,
    `result` String CODEC(ZSTD(1)),
    `failure_code` LowCardinality(String),
    `failure_detail` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY comparison
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192;

CREATE TABLE comparison_segments
(
    `comparison` String,
    `asked_at` DateTime64(6, 'UTC'),
    `execution` String,
    `segment` UInt32,
    `executions` Array(String),
    `ends` Array(UInt32),
    `key_columns` Array(String),
    `compared_columns` Array(String),
    `resume` String CODEC(ZSTD(1)),
    `added` UInt64,
    `removed` UInt64,
    `changed` UInt64,
    `same` UInt64,
    `rows` UInt64,
    `bytes` UInt64,
    `seconds` Float64
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(asked_at)
ORDER BY (comparison, segment, execution)
SETTINGS index_granularity = 8192;

CREATE TABLE comparisons
(
    `comparison` String,
    `definition` LowCardinality(String),
    `definition_version` UInt32,
    `body` String CODEC(ZSTD(1)),
    `asked_by` LowCardinality(String),
    `asked_at` DateTime64(6, 'UTC'),
    `scheduled` Bool
)
ENGINE = ReplacingMergeTree
ORDER BY comparison
SETTINGS index_granularity = 8192;

CREATE TABLE dead_letter_claims
(
    `dead_letter` String,
    `claim` String,
    `state` Enum8('claimed' = 1, 'released' = 2),
    `at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (dead_letter, claim, state)
SETTINGS index_granularity = 8192;

CREATE TABLE dead_letter_replays
(
    `dead_letter` String,
    `replayed_at` DateTime64(6, 'UTC'),
    `replayed_by` String,
    `code` LowCardinality(String),
    `ref` String
)
ENGINE = ReplacingMergeTree
ORDER BY (dead_letter, replayed_at)
SETTINGS index_granularity = 8192;

CREATE TABLE dead_letters
(
    `dead_letter` String,
    `channel` LowCardinality(String),
    `recipient` String,
    `alert_id` String,
    `notification` String CODEC(ZSTD(1)),
    `code` LowCardinality(String),
    `given_up_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY dead_letter
SETTINGS index_granularity = 8192;

CREATE TABLE decision_proposals
(
    `decision` String,
    `action` LowCardinality(String),
    `process` LowCardinality(String),
    `reconciliation` String,
    `select_from` DateTime64(6, 'UTC'),
    `select_to` DateTime64(6, 'UTC'),
    `kinds` Array(String),
    `stages` Array(String),
    `fields` Array(String),
    `keys` Array(String),
    `key_prefix` String,
    `reason` String CODEC(ZSTD(1)),
    `expires_at` DateTime64(6, 'UTC'),
    `proposed_by` String,
    `proposed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY decision
SETTINGS index_granularity = 8192;

CREATE TABLE decision_remarks
(
    `remark` String,
    `decision` String,
    `text` String CODEC(ZSTD(1)),
    `by` String,
    `at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (decision, remark)
SETTINGS index_granularity = 8192;

CREATE TABLE decision_steps
(
    `decision` String,
    `step` LowCardinality(String),
    `at` DateTime64(6, 'UTC'),
    `by` String,
    `remark` String,
    `windows` UInt64,
    `discrepancies` UInt64,
    `deadline` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (decision, step)
SETTINGS index_granularity = 8192;

CREATE TABLE decision_windows
(
    `decision` String,
    `reconciliation` String,
    `judgement` String,
    `revision` UInt32,
    `discrepancies` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (decision, reconciliation)
SETTINGS index_granularity = 8192;

CREATE TABLE deletion_intents
(
    `intent` String,
    `step` Enum8('open' = 1, 'done' = 2, 'failed' = 3, 'unclear' = 4, 'expired' = 5),
    `of_table` LowCardinality(String),
    `partition` LowCardinality(String),
    `class` LowCardinality(String),
    `fence` String,
    `seconds` UInt16,
    `owner` LowCardinality(String),
    `rows` UInt64,
    `at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (intent, step)
SETTINGS index_granularity = 8192;

CREATE VIEW dim_event_type
(
    `event_type` String,
    `contract_version` UInt32,
    `valid_from` DateTime64(6, 'UTC'),
    `valid_to` DateTime64(6, 'UTC'),
    `is_current` UInt8,
    `description` String,
    `owner` String,
    `steward` String,
    `enforcement` String
)
AS SELECT
    id AS event_type,
    version AS contract_version,
    since AS valid_from,
    lagInFrame(since, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
    row_number() OVER newer = 1 AS is_current,
    JSONExtractString(body, 'description') AS description,
    JSONExtractString(body, 'owner') AS owner,
    JSONExtractString(body, 'steward') AS steward,
    JSONExtractString(body, 'enforcement') AS enforcement
FROM
(
    SELECT
        id,
        version,
        changed_at AS since,
        body
    FROM documents
    FINAL
    WHERE kind = 'contract'
    UNION ALL
    SELECT DISTINCT
        id,
        toUInt32(0),
        toDateTime64(0, 6, 'UTC'),
        ''
    FROM
    (
        SELECT id
        FROM documents
        WHERE kind = 'contract'
        UNION ALL
        SELECT toString(type)
        FROM tracking_records
        WHERE sign != 0
        GROUP BY type
    )
)
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE VIEW dim_process
(
    `process` String,
    `version` UInt32,
    `valid_from` DateTime64(6, 'UTC'),
    `valid_to` DateTime64(6, 'UTC'),
    `is_current` UInt8,
    `changed_by` String,
    `description` String,
    `cardinality` String,
    `retention_class` String,
    `grace_seconds` UInt64,
    `window_seconds` UInt64,
    `is_scheduled` UInt8,
    `escalation_policy` String,
    `stages` UInt64
)
AS SELECT
    id AS process,
    version,
    changed_at AS valid_from,
    lagInFrame(changed_at, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
    row_number() OVER newer = 1 AS is_current,
    changed_by,
    JSONExtractString(body, 'description') AS description,
    JSONExtractString(body, 'cardinality') AS cardinality,
    if(JSONExtractString(body, 'retentionClass') = '', 'standard', JSONExtractString(body, 'retentionClass')) AS retention_class,
    JSONExtractUInt(body, 'graceSeconds') AS grace_seconds,
    JSONExtractUInt(body, 'window', 'seconds') AS window_seconds,
    JSONExtractBool(body, 'window', 'scheduled') AS is_scheduled,
    JSONExtractString(body, 'escalationPolicy') AS escalation_policy,
    JSONLength(body, 'stages') AS stages
FROM documents
FINAL
WHERE kind = 'process'
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE VIEW dim_source
(
    `source` String,
    `version` UInt32,
    `valid_from` DateTime64(6, 'UTC'),
    `valid_to` DateTime64(6, 'UTC'),
    `is_current` UInt8,
    `description` String,
    `owner` String,
    `steward` String
)
AS SELECT
    id AS source,
    version,
    since AS valid_from,
    lagInFrame(since, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
    row_number() OVER newer = 1 AS is_current,
    JSONExtractString(body, 'description') AS description,
    JSONExtractString(body, 'owner') AS owner,
    JSONExtractString(body, 'steward') AS steward
FROM
(
    SELECT
        id,
        version,
        changed_at AS since,
        body
    FROM documents
    FINAL
    WHERE kind = 'source'
    UNION ALL
    SELECT DISTINCT
        id,
        toUInt32(0),
        toDateTime64(0, 6, 'UTC'),
        ''
    FROM
    (
        SELECT id
        FROM documents
        WHERE kind = 'source'
        UNION ALL
        SELECT toString(source)
        FROM tracking_records
        GROUP BY source
    )
)
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE VIEW dim_stage
(
    `process` String,
    `version` UInt32,
    `stage` String,
    `position` UInt32,
    `role` String,
    `is_last` UInt8,
    `valid_from` DateTime64(6, 'UTC'),
    `valid_to` DateTime64(6, 'UTC'),
    `is_current` UInt8
)
AS SELECT
    process,
    version,
    JSONExtractString(one, 'id') AS stage,
    position,
    JSONExtractString(one, 'role') AS role,
    position = stages AS is_last,
    valid_from,
    valid_to,
    is_current
FROM
(
    SELECT
        id AS process,
        version,
        changed_at AS valid_from,
        lagInFrame(changed_at, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
        row_number() OVER newer = 1 AS is_current,
        JSONExtractArrayRaw(body, 'stages') AS bodies,
        length(bodies) AS stages
    FROM documents
    FINAL
    WHERE kind = 'process'
    WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
ARRAY JOIN
    bodies AS one,
    arrayEnumerate(bodies) AS position;

CREATE VIEW dim_time
(
    `hour` DateTime('UTC'),
    `date` Date,
    `hour_of_day` UInt8,
    `day_of_week` UInt8,
    `iso_week` UInt8,
    `iso_year` UInt16,
    `month` UInt8,
    `quarter` UInt8,
    `year` UInt16
)
AS SELECT
    toDateTime(946684800 + (number * 3600), 'UTC') AS hour,
    toDate(hour) AS date,
    toHour(hour) AS hour_of_day,
    toDayOfWeek(hour) AS day_of_week,
    toISOWeek(hour) AS iso_week,
    toISOYear(hour) AS iso_year,
    toMonth(hour) AS month,
    toQuarter(hour) AS quarter,
    toYear(hour) AS year
FROM numbers(876600);

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
    `rank` LowCardinality(String),
    `since` DateTime64(6, 'UTC'),
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

CREATE VIEW fact_discrepancies
(
    `process` String,
    `process_version` UInt32,
    `stage` LowCardinality(String),
    `reconciliation` String,
    `judgement` String,
    `revision` UInt32,
    `is_newest` UInt8,
    `from_hour` DateTime('UTC'),
    `judged_at` DateTime64(6, 'UTC'),
    `key` String,
    `kind` LowCardinality(String),
    `hop` LowCardinality(String),
    `field` String,
    `acceptance` String,
    `standing` String
)
AS SELECT
    v.process AS process,
    v.process_version AS process_version,
    d.stage AS stage,
    d.reconciliation AS reconciliation,
    d.judgement AS judgement,
    v.revision AS revision,
    v.revision = v.newest AS is_newest,
    v.from_hour AS from_hour,
    d.judged_at AS judged_at,
    d.key AS key,
    d.kind AS kind,
    d.hop AS hop,
    d.field AS field,
    a.acceptance AS acceptance,
    multiIf(d.kind = 'late', 'told', a.acceptance != '', 'accepted', 'open') AS standing
FROM discrepancies AS d
FINAL
INNER JOIN
(
    SELECT
        verdicts.reconciliation AS reconciliation,
        verdicts.judgement AS judgement,
        max(verdicts.revision) AS revision,
        argMax(verdicts.process_version, verdicts.revision) AS process_version,
        any(w.process) AS process,
        any(w.from_hour) AS from_hour,
        any(n.newest) AS newest
    FROM verdicts
    INNER JOIN
    (
        SELECT
            reconciliation,
            any(windows.process) AS process,
            toStartOfHour(toDateTime(any(window_from), 'UTC')) AS from_hour
        FROM windows
        GROUP BY reconciliation
    ) AS w ON verdicts.reconciliation = w.reconciliation
    INNER JOIN
    (
        SELECT
            reconciliation,
            max(revision) AS newest
        FROM verdicts
        GROUP BY reconciliation
    ) AS n ON verdicts.reconciliation = n.reconciliation
    GROUP BY
        verdicts.reconciliation,
        verdicts.judgement
) AS v ON (d.reconciliation = v.reconciliation) AND (d.judgement = v.judgement)
LEFT JOIN
(
    SELECT
        reconciliation,
        key,
        stage,
        kind,
        fact,
        any(acceptances.acceptance) AS acceptance
    FROM acceptances
    GROUP BY
        reconciliation,
        key,
        stage,
        kind,
        fact
) AS a ON (d.reconciliation = a.reconciliation) AND (d.key = a.key) AND (d.stage = a.stage) AND (d.kind = a.kind) AND (d.fact = a.fact);

CREATE VIEW fact_events
(
    `process` LowCardinality(String),
    `stage` LowCardinality(String),
    `source` LowCardinality(String),
    `event_type` LowCardinality(String),
    `contract_version` UInt16,
    `origin_hour` DateTime('UTC'),
    `occurred_hour` DateTime('UTC'),
    `key` String,
    `origin_at` DateTime64(6, 'UTC'),
    `origin_from` Enum8('event' = 1, 'key' = 2, 'own' = 3),
    `occurred_at` DateTime64(6, 'UTC'),
    `received_at` DateTime64(6, 'UTC'),
    `event_id` String,
    `attempt` UInt16,
    `event_identity` String,
    `manual` Bool,
    `definition` UInt32,
    `weighted_events` Float64,
    `events` Int64,
    `digest_sum` Int64,
    `lag_ms` Int64
)
AS SELECT
    process,
    stage,
    source,
    type AS event_type,
    contract_version,
    origin_hour,
    toStartOfHour(toDateTime(any(tracking_records.occurred_at), 'UTC')) AS occurred_hour,
    key,
    origin_at,
    origin_from,
    any(tracking_records.occurred_at) AS occurred_at,
    first_received_at AS received_at,
    any(tracking_records.id) AS event_id,
    attempt,
    lower(hex(identity)) AS event_identity,
    manual,
    definition,
    sum(sign * weight) AS weighted_events,
    sum(sign) AS events,
    sum(digest) AS digest_sum,
    dateDiff('millisecond', origin_at, any(tracking_records.occurred_at)) AS lag_ms
FROM tracking_records
WHERE sign != 0
GROUP BY
    process,
    origin_hour,
    key,
    stage,
    source,
    type,
    contract_version,
    origin_at,
    origin_from,
    first_received_at,
    attempt,
    identity,
    manual,
    definition
HAVING sum(sign) > 0;

CREATE VIEW fact_windows
(
    `process` String,
    `process_version` UInt32,
    `reconciliation` String,
    `revision` UInt32,
    `is_newest` UInt8,
    `from_hour` DateTime('UTC'),
    `judged_hour` DateTime('UTC'),
    `window_from` DateTime64(6, 'UTC'),
    `window_to` DateTime64(6, 'UTC'),
    `scheduled` Bool,
    `judged_at` DateTime64(6, 'UTC'),
    `state` LowCardinality(String),
    `depth` LowCardinality(String),
    `stage_counts` Map(LowCardinality(String), Int64),
    `missing` UInt64,
    `duplicate` UInt64,
    `mutated` UInt64,
    `late` UInt64,
    `orphan` UInt64,
    `open` UInt64,
    `accepted` UInt64,
    `judgement` String
)
AS SELECT
    w.process AS process,
    v.process_version AS process_version,
    v.reconciliation AS reconciliation,
    v.revision AS revision,
    v.revision = newest AS is_newest,
    toStartOfHour(toDateTime(w.window_from, 'UTC')) AS from_hour,
    toStartOfHour(toDateTime(v.judged_at, 'UTC')) AS judged_hour,
    w.window_from AS window_from,
    w.window_to AS window_to,
    w.scheduled AS scheduled,
    v.judged_at AS judged_at,
    v.state AS state,
    v.depth AS depth,
    v.stage_counts AS stage_counts,
    v.kinds['missing'] AS missing,
    v.kinds['duplicate'] AS duplicate,
    v.kinds['mutated'] AS mutated,
    v.kinds['late'] AS late,
    v.kinds['orphan'] AS orphan,
    v.open AS open,
    v.accepted AS accepted,
    v.judgement AS judgement
FROM verdicts AS v
FINAL
INNER JOIN
(
    SELECT
        reconciliation,
        any(windows.process) AS process,
        any(windows.window_from) AS window_from,
        any(windows.window_to) AS window_to,
        argMin(windows.scheduled, opened_at) AS scheduled
    FROM windows
    GROUP BY reconciliation
) AS w ON v.reconciliation = w.reconciliation
INNER JOIN
(
    SELECT
        reconciliation,
        max(revision) AS newest
    FROM verdicts
    GROUP BY reconciliation
) AS n ON v.reconciliation = n.reconciliation;

CREATE TABLE finding_steps
(
    `finding` String,
    `at` DateTime64(6, 'UTC'),
    `step` Enum8('found' = 1, 'reopened' = 2, 'triaged' = 3, 'fixed' = 4, 'accepted' = 5, 'alerted' = 6, 'alert_ended' = 7),
    `done_by` LowCardinality(String),
    `owner` LowCardinality(String),
    `cases` Nullable(UInt64),
    `amount` String,
    `currency` LowCardinality(String),
    `reason` String CODEC(ZSTD(1)),
    `alert` String
)
ENGINE = ReplacingMergeTree
ORDER BY (finding, at, step, done_by, alert)
SETTINGS index_granularity = 8192;

CREATE TABLE findings
(
    `finding` String,
    `kind` LowCardinality(String),
    `source` LowCardinality(String),
    `process` LowCardinality(String),
    `stage` LowCardinality(String),
    `severity` LowCardinality(String),
    `from_number` Nullable(UInt64),
    `to_number` Nullable(UInt64),
    `from_at` DateTime64(6, 'UTC'),
    `to_at` DateTime64(6, 'UTC'),
    `cases` UInt64,
    `measures` Map(LowCardinality(String), Int64),
    `subject` LowCardinality(String),
    `owner` LowCardinality(String),
    `policy` LowCardinality(String),
    `found_at` DateTime64(6, 'UTC'),
    `observed_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(observed_to)
ORDER BY finding
SETTINGS index_granularity = 8192;

CREATE TABLE heartbeat_beats
(
    `heartbeat` LowCardinality(String),
    `beats` SimpleAggregateFunction(sum, UInt64),
    `last_at` SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY heartbeat
SETTINGS index_granularity = 8192;

CREATE TABLE heartbeat_watches
(
    `heartbeat` LowCardinality(String),
    `round` UInt64,
    `beats` UInt64,
    `watched_at` DateTime64(6, 'UTC'),
    `since` DateTime64(6, 'UTC'),
    `silent_for` Int64,
    `alert` String
)
ENGINE = ReplacingMergeTree(round)
ORDER BY heartbeat
SETTINGS index_granularity = 8192;

CREATE TABLE held_keys
(
    `finding` String,
    `process` LowCardinality(String),
    `key` String CODEC(ZSTD(1)),
    `found_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(found_at)
ORDER BY (finding, process, key)
SETTINGS index_granularity = 8192;

CREATE TABLE hold_acknowledgements
(
    `hold` String,
    `custodian` String,
    `acknowledged_at` DateTime64(6, 'UTC'),
    `via` LowCardinality(String),
    `acknowledged_by` String
)
ENGINE = ReplacingMergeTree
ORDER BY (hold, custodian, acknowledged_at)
SETTINGS index_granularity = 8192;

CREATE TABLE hold_names
(
    `process` LowCardinality(String),
    `name` String CODEC(ZSTD(1)),
    `hold` String,
    `version` UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (process, name, hold, version)
SETTINGS index_granularity = 8192;

CREATE TABLE hold_notices
(
    `hold` String,
    `custodian` String,
    `round` UInt32,
    `kind` LowCardinality(String),
    `outcome` LowCardinality(String),
    `sent_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(sent_at)
ORDER BY (hold, custodian, kind, round)
SETTINGS index_granularity = 8192;

CREATE TABLE hold_proposals
(
    `proposal` String,
    `hold` String,
    `terms` String CODEC(ZSTD(3)),
    `reason` String CODEC(ZSTD(1)),
    `proposed_by` String,
    `proposed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY proposal
SETTINGS index_granularity = 8192;

CREATE TABLE holds
(
    `hold` String,
    `version` UInt32,
    `state` Enum8('proposed' = 1, 'in_force' = 2, 'releasing' = 3, 'released' = 4, 'refused' = 5),
    `kind` Enum8('everything' = 1, 'process' = 2, 'keys' = 3, 'subject' = 4, 'query' = 5),
    `processes` Array(LowCardinality(String)),
    `matter` String CODEC(ZSTD(1)),
    `counsel` String CODEC(ZSTD(1)),
    `terms` String CODEC(ZSTD(3)),
    `proposal` String,
    `reason` String CODEC(ZSTD(1)),
    `changed_by` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (hold, version)
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

CREATE TABLE inspection_marks
(
    `inspection` LowCardinality(String),
    `inspected_to` DateTime64(6, 'UTC'),
    `planned_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(inspected_to)
ORDER BY inspection
SETTINGS index_granularity = 8192;

CREATE TABLE intake_claims
(
    `claimed_at` DateTime64(6, 'UTC'),
    `owner` String,
    `is_given_up` Bool
)
ENGINE = MergeTree
ORDER BY claimed_at
SETTINGS index_granularity = 8192;

CREATE TABLE kpi_hops
(
    `process` LowCardinality(String),
    `hour` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `from_stage` LowCardinality(String),
    `to_stage` LowCardinality(String),
    `from_hour` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `keys` UInt64,
    `reversed` UInt64,
    `took` AggregateFunction(quantilesDD(0.01, 0.5, 0.75, 0.9, 0.95, 0.99), Float64),
    `measured_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY (process, hour, from_stage, to_stage, from_hour)
SETTINGS index_granularity = 8192;

CREATE TABLE kpi_marks
(
    `mark` LowCardinality(String),
    `measured_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY mark
SETTINGS index_granularity = 8192;

CREATE TABLE objective_evaluations
(
    `objective` LowCardinality(String),
    `evaluated_at` DateTime64(6, 'UTC'),
    `version` UInt32,
    `dimension` LowCardinality(String),
    `state` LowCardinality(String),
    `reason` LowCardinality(String),
    `covers_from` DateTime64(6, 'UTC'),
    `covers_to` DateTime64(6, 'UTC'),
    `as_of` DateTime64(6, 'UTC'),
    `good` UInt64,
    `total` UInt64,
    `observations` UInt64,
    `target` Float64,
    `budget_left` Nullable(Float64),
    `burn_rate` Nullable(Float64),
    `recent_from` DateTime64(6, 'UTC'),
    `projected_at` Nullable(DateTime64(6, 'UTC')),
    `newest_at` Nullable(DateTime64(6, 'UTC'))
)
ENGINE = ReplacingMergeTree
ORDER BY (objective, evaluated_at)
SETTINGS index_granularity = 8192;

CREATE TABLE objective_marks
(
    `measure` String,
    `measured_from` DateTime64(6, 'UTC'),
    `measured_to` DateTime64(6, 'UTC'),
    `marked_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(marked_at)
ORDER BY measure
SETTINGS index_granularity = 8192;

CREATE TABLE objective_measures
(
    `measure` String,
    `bucket` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `good` UInt64,
    `total` UInt64,
    `measured_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY (measure, bucket)
SETTINGS index_granularity = 8192;

CREATE TABLE on_call_overrides
(
    `schedule` LowCardinality(String),
    `override` String,
    `person` LowCardinality(String),
    `from_at` DateTime64(6, 'UTC'),
    `to_at` DateTime64(6, 'UTC'),
    `reason` String CODEC(ZSTD(1)),
    `made_by` String,
    `made_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (schedule, from_at, override)
SETTINGS index_granularity = 8192;

CREATE TABLE on_call_withdrawals
(
    `schedule` LowCardinality(String),
    `override` String,
    `withdrawn_by` String,
    `withdrawn_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (schedule, override, withdrawn_at)
SETTINGS index_granularity = 8192;

CREATE TABLE pagerduty_incidents
(
    `dedup_key` String,
    `incident` String,
    `number` UInt64,
    `url` String
)
ENGINE = ReplacingMergeTree
ORDER BY dedup_key
SETTINGS index_granularity = 8192;

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

CREATE TABLE probes
(
    `synthetic` LowCardinality(String),
    `at` DateTime64(6, 'UTC'),
    `version` UInt32,
    `process` LowCardinality(String),
    `key` String CODEC(ZSTD(1)),
    `state` Enum8('under_way' = 1, 'passed' = 2, 'broken' = 3),
    `stage` LowCardinality(String),
    `hop` LowCardinality(String),
    `fault` LowCardinality(String),
    `took` Map(LowCardinality(String), Int64),
    `ended` UInt8
)
ENGINE = ReplacingMergeTree(ended)
ORDER BY (synthetic, at)
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
PARTITION BY toYYYYMM(asked_at)
ORDER BY (replay, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE quarantine_steps
(
    `received_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `item` String CODEC(ZSTD(1)),
    `identity` FixedString(16) MATERIALIZED unhex(substring(item, 1, 32)) CODEC(NONE),
    `payload_hash` UInt64 MATERIALIZED reinterpretAsUInt64(unhex(substring(item, 34, 16))) CODEC(NONE),
    `at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `step` Enum8('assigned' = 1, 'patched' = 2, 'still_bad' = 3, 'released' = 4, 'discarded' = 5, 'leaving' = 6, 'gone' = 7, 'stayed' = 8),
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
PARTITION BY toYYYYMM(received_at)
ORDER BY (received_at, identity, payload_hash, at, step)
SETTINGS index_granularity = 8192;

CREATE TABLE reference_checks
(
    `reference` LowCardinality(String),
    `checked_at` DateTime64(6, 'UTC'),
    `version` UInt32,
    `covers_from` DateTime64(6, 'UTC'),
    `covers_to` DateTime64(6, 'UTC'),
    `tracked` UInt64,
    `business` UInt64,
    `orphans_in_tracking` UInt64,
    `orphans_in_business` UInt64,
    `examples_in_tracking` Array(String) CODEC(ZSTD(1)),
    `examples_in_business` Array(String) CODEC(ZSTD(1)),
    `failure_code` LowCardinality(String),
    `failure_detail` String CODEC(ZSTD(1)),
    `succeeded` UInt8
)
ENGINE = ReplacingMergeTree(succeeded)
ORDER BY (reference, checked_at)
SETTINGS index_granularity = 8192;

CREATE TABLE resolution_decisions
(
    `reconciliation` String,
    `decision` String,
    `judgement` String,
    `revision` UInt32,
    `rule` LowCardinality(String),
    `rule_version` UInt32,
    `action` LowCardinality(String),
    `discrepancies` UInt64,
    `by` String,
    `decided_at` DateTime64(6, 'UTC'),
    `outcome` LowCardinality(String),
    `recorded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (reconciliation, decision)
SETTINGS index_granularity = 8192;

CREATE TABLE resolution_replays
(
    `reconciliation` String,
    `rule` LowCardinality(String),
    `decision` String,
    `key` String CODEC(ZSTD(1)),
    `stage` LowCardinality(String),
    `kind` LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, rule, decision, key, stage, kind)
SETTINGS index_granularity = 8192;

CREATE TABLE retention_certificates
(
    `certificate` String,
    `run` String,
    `document` String CODEC(ZSTD(3)),
    `sequence` UInt64,
    `issued_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(issued_at)
ORDER BY certificate
SETTINGS index_granularity = 8192;

CREATE TABLE retention_groups
(
    `plan` String,
    `partition` LowCardinality(String),
    `tier` LowCardinality(String),
    `process` LowCardinality(String),
    `categories` LowCardinality(String),
    `severity` LowCardinality(String),
    `environment` LowCardinality(String),
    `region` LowCardinality(String),
    `received_on` UInt32,
    `starts` String
)
ENGINE = MergeTree
PARTITION BY substring(plan, 1, 7)
ORDER BY (plan, partition, tier)
SETTINGS index_granularity = 8192;

CREATE TABLE retention_lots
(
    `plan` String,
    `lot` UInt32,
    `kind` Enum8('archive' = 1, 'dispose' = 2, 'expire' = 3),
    `partition` String,
    `class` LowCardinality(String),
    `period` LowCardinality(String),
    `total` UInt64,
    `rows` UInt64,
    `bytes` UInt64,
    `held` UInt64,
    `policies` String,
    `retain_until` DateTime64(6, 'UTC'),
    `sample` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY substring(plan, 1, 7)
ORDER BY (plan, lot)
SETTINGS index_granularity = 8192;

CREATE TABLE retention_outcomes
(
    `run` String,
    `lot` UInt32,
    `state` Enum8('begun' = 0, 'purged' = 1, 'left' = 2, 'proved' = 3),
    `fault` LowCardinality(String),
    `rows` UInt64,
    `kept` UInt64,
    `held` UInt64,
    `holds` String,
    `related` UInt64,
    `at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (run, lot, state)
SETTINGS index_granularity = 8192;

CREATE TABLE retention_plans
(
    `run` String,
    `plan` String,
    `as_of` UInt32,
    `digest` String,
    `policies` String,
    `holds` String,
    `planned_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(planned_at)
ORDER BY run
SETTINGS index_granularity = 8192;

CREATE TABLE retention_runs
(
    `run` String,
    `is_dry_run` Bool,
    `requested_by` String,
    `requested_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (requested_at, run)
SETTINGS index_granularity = 8192;

CREATE TABLE retention_starts
(
    `process` LowCardinality(String),
    `key` String CODEC(ZSTD(1)),
    `type` LowCardinality(String),
    `stage` LowCardinality(String),
    `happened` UInt32
)
ENGINE = ReplacingMergeTree(happened)
ORDER BY (process, key, type, stage)
SETTINGS index_granularity = 8192;

CREATE TABLE rule_alerts
(
    `alert` String,
    `step` Enum8('raised' = 1, 'ended' = 2),
    `at` DateTime64(6, 'UTC'),
    `rule` LowCardinality(String),
    `series` String CODEC(ZSTD(1)),
    `since` DateTime64(6, 'UTC'),
    `begun` DateTime64(6, 'UTC'),
    `cause` LowCardinality(String),
    `severity` LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (rule, alert, step)
SETTINGS index_granularity = 8192;

CREATE TABLE rule_states
(
    `rule` LowCardinality(String),
    `series` String CODEC(ZSTD(1)),
    `round` UInt64,
    `evaluated_at` DateTime64(6, 'UTC'),
    `version` UInt32,
    `state` LowCardinality(String),
    `since` DateTime64(6, 'UTC'),
    `value` Nullable(Float64),
    `expected` Nullable(Float64),
    `deviation` Nullable(Float64),
    `fault` LowCardinality(String),
    `held` Map(LowCardinality(String), Int64),
    `firing_since` Nullable(DateTime64(6, 'UTC')),
    `firing_first` Nullable(DateTime64(6, 'UTC')),
    `firing_begun` Nullable(DateTime64(6, 'UTC')),
    `cause` LowCardinality(String),
    `severity` LowCardinality(String),
    `clear_since` Nullable(DateTime64(6, 'UTC')),
    `seen_at` DateTime64(6, 'UTC'),
    `pace` Int64
)
ENGINE = ReplacingMergeTree(round)
ORDER BY (rule, series)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192;

CREATE TABLE saga_journal
(
    `saga` String,
    `seq` UInt32,
    `kind` LowCardinality(String),
    `step` LowCardinality(String),
    `state` LowCardinality(String),
    `at` DateTime64(6, 'UTC'),
    `by` String,
    `remark` String,
    `counts` Map(String, Int64)
)
ENGINE = ReplacingMergeTree
ORDER BY (saga, seq)
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

CREATE TABLE self_checks
(
    `name` LowCardinality(String),
    `at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY name
SETTINGS index_granularity = 8192;

CREATE TABLE sequence_states
(
    `source` LowCardinality(String),
    `process` LowCardinality(String),
    `stage` LowCardinality(String),
    `state` String CODEC(ZSTD(1)),
    `inspected_to` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(inspected_to)
ORDER BY (source, process, stage)
SETTINGS index_granularity = 8192;

CREATE TABLE statement_windows
(
    `statement` String,
    `reconciliation` String,
    `revision` UInt32,
    `open` UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (statement, reconciliation)
SETTINGS index_granularity = 8192;

CREATE TABLE statements
(
    `statement` String,
    `gate` LowCardinality(String),
    `period` String,
    `gate_version` UInt32,
    `issued_by` String,
    `issued_at` DateTime64(6, 'UTC'),
    `signature` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (period, gate, statement)
SETTINGS index_granularity = 8192;

CREATE TABLE tracking_identities
(
    `generation` UInt8,
    `identity` FixedString(16) CODEC(NONE),
    `attempt` UInt16,
    `payload_hash` UInt64 CODEC(NONE),
    `outcome` Enum8('stored' = 1, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9),
    `reason` LowCardinality(String),
    `process` LowCardinality(String),
    `stage` LowCardinality(String),
    `origin_at` DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY generation
ORDER BY (identity, attempt, payload_hash, outcome)
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 4096;

CREATE TABLE tracking_identity_keys
(
    `fingerprint` String,
    `first_used_at` DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY fingerprint
SETTINGS index_granularity = 8192;

CREATE TABLE tracking_identity_marks
(
    `kept_until` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(kept_until)
ORDER BY tuple()
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
    `sequence` Nullable(UInt64) CODEC(T64, ZSTD(1)),
    `status` Enum8('ok' = 1, 'failed' = 2, 'cancelled' = 3) DEFAULT 'ok',
    `class` Enum8('standard' = 1, 'test' = 2, 'quarantine' = 3, 'short' = 4, 'financial' = 5, 'audit' = 6) DEFAULT 'standard',
    `test` Bool,
    `manual` Bool,
    `synthetic` Bool,
    `identity` FixedString(16) CODEC(NONE),
    `payload_hash` UInt64 CODEC(NONE),
    `sign` Int8,
    `digest` Int64 CODEC(LZ4),
    `definition` UInt32,
    `agreed` String CODEC(ZSTD(1)),
    `attributes` String CODEC(ZSTD(1)),
    `contract_version` UInt16,
    `weight` Float64 DEFAULT 1 CODEC(ZSTD(1)),
    `categories` LowCardinality(String),
    `sensitivity` LowCardinality(String) DEFAULT 'public',
    `owner` LowCardinality(String),
    `form` Enum8('event' = 0, 'cloud-event' = 1),
    `data` String CODEC(ZSTD(1)),
    INDEX received received_at TYPE minmax GRANULARITY 1,
    INDEX numbers sequence TYPE minmax GRANULARITY 1,
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
    PROJECTION watermarks
    (
        SELECT
            process,
            stage,
            source,
            outcome,
            max(origin_at),
            max(received_at)
        GROUP BY
            process,
            stage,
            source,
            outcome
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
SETTINGS non_replicated_deduplication_window = 1000, lightweight_mutation_projection_mode = 'rebuild', materialize_projections_on_insert = 0, materialize_projections_on_merge = 1, index_granularity = 8192;

CREATE VIEW transaction_log
(
    `received_at` DateTime64(6, 'UTC'),
    `first_received_at` DateTime64(6, 'UTC'),
    `source` LowCardinality(String),
    `process` LowCardinality(String),
    `stage` LowCardinality(String),
    `key` String,
    `id` String,
    `attempt` UInt16,
    `type` LowCardinality(String),
    `outcome` Enum8('stored' = 1, 'duplicate' = 2, 'conflict' = 3, 'rejected' = 4, 'retraction' = 5, 'restatement' = 6, 'quarantined' = 7, 'sampled_out' = 8, 'released' = 9),
    `reason` LowCardinality(String),
    `field` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_text` String,
    `occurred_note` Enum8('none' = 0, 'gap' = 1, 'fold' = 2),
    `origin_at` DateTime64(6, 'UTC'),
    `origin_from` Enum8('event' = 1, 'key' = 2, 'own' = 3),
    `origin_text` String,
    `origin_note` Enum8('none' = 0, 'gap' = 1, 'fold' = 2),
    `correlation_id` String,
    `sequence` Nullable(UInt64),
    `status` Enum8('ok' = 1, 'failed' = 2, 'cancelled' = 3),
    `class` Enum8('standard' = 1, 'test' = 2, 'quarantine' = 3, 'short' = 4, 'financial' = 5, 'audit' = 6),
    `test` Bool,
    `manual` Bool,
    `synthetic` Bool,
    `sign` Int8,
    `digest` Int64,
    `definition` UInt32,
    `identity` String,
    `payload_hash` String,
    `data_hash` String,
    `data_bytes` UInt64,
    `contract_version` UInt16,
    `weight` Float64,
    `categories` LowCardinality(String),
    `sensitivity` LowCardinality(String),
    `owner` LowCardinality(String),
    `form` Enum8('event' = 0, 'cloud-event' = 1)
)
AS SELECT
    received_at,
    first_received_at,
    source,
    process,
    stage,
    key,
    id,
    attempt,
    type,
    outcome,
    reason,
    field,
    occurred_at,
    occurred_text,
    occurred_note,
    origin_at,
    origin_from,
    origin_text,
    origin_note,
    correlation_id,
    sequence,
    status,
    class,
    test,
    manual,
    synthetic,
    sign,
    digest,
    definition,
    lower(hex(identity)) AS identity,
    lower(hex(reinterpretAsFixedString(payload_hash))) AS payload_hash,
    if(data = '', '', lower(hex(SHA256(data)))) AS data_hash,
    length(data) AS data_bytes,
    contract_version,
    weight,
    categories,
    sensitivity,
    owner,
    form
FROM tracking_records
ORDER BY
    received_at ASC,
    process ASC,
    origin_hour ASC,
    key ASC,
    stage ASC,
    source ASC,
    id ASC,
    attempt ASC,
    outcome ASC,
    sign ASC;

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
