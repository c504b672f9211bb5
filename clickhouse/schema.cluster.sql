-- Every statement of the migrations as a cluster is to run it, with the tables of the runner itself. Generated from clickhouse/migrations by
-- `npm run generate`. NOT YET RUN ON A CLUSTER: its syntax is checked, and every table compared with the embedded form, by the tests; nothing else is.

-- the runner
CREATE TABLE IF NOT EXISTS schema_migrations ON CLUSTER '{cluster}'
(version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC'), runner String)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY version;

-- the runner
CREATE TABLE IF NOT EXISTS schema_statements ON CLUSTER '{cluster}'
(version UInt32, statement UInt32, checksum String, state Enum8('begun' = 1, 'done' = 2), mutations Array(String), at DateTime64(3, 'UTC'), runner String)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY (version, statement, at);

-- the runner
CREATE TABLE migration_lock ON CLUSTER '{cluster}' (owner String) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY owner COMMENT 'id of its holder';

-- 0001_tracking_records.sql, statement 1
CREATE TABLE IF NOT EXISTS tracking_records ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY (class, toYYYYMM(received_at))
ORDER BY (process, origin_hour, key, stage)
-- Projections are made by the first merge of a part: an insert would write five directories instead of one. Parts without them are read as they are.
SETTINGS replicated_deduplication_window = 1000, lightweight_mutation_projection_mode = 'rebuild',
    materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

-- 0002_access_principals.sql, statement 1
CREATE TABLE IF NOT EXISTS principals ON CLUSTER '{cluster}'
(
    id String,
    kind Enum8('person' = 1, 'machine' = 2),
    roles Array(LowCardinality(String)),
    at DateTime64(6, 'UTC'),
    -- The principal that wrote this version.
    by String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (id, at);

-- 0002_access_principals.sql, statement 2
CREATE TABLE IF NOT EXISTS api_keys ON CLUSTER '{cluster}'
(
    id String,
    event Enum8('created' = 1, 'revoked' = 2),
    principal String,
    -- SHA-256 of the secret, in hexadecimal; the secret itself is nowhere.
    secret_hash String,
    -- 1970-01-01 for a key that does not expire.
    expires_at DateTime64(6, 'UTC'),
    at DateTime64(6, 'UTC'),
    by String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (id, event);

-- 0003_platform_idempotency.sql, statement 1
CREATE TABLE IF NOT EXISTS idempotency_keys ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(at)
ORDER BY (key_hash, claim, state)
-- Nobody asks for what is older than seven days.
TTL toDateTime(at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1;

-- 0004_register_documents.sql, statement 1
CREATE TABLE IF NOT EXISTS documents ON CLUSTER '{cluster}'
(
    kind LowCardinality(String),
    id String,
    version UInt32,
    proposal String,
    body String CODEC(ZSTD(3)),
    changed_by String,
    changed_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (kind, id, version);

-- 0004_register_documents.sql, statement 2
CREATE TABLE IF NOT EXISTS document_proposals ON CLUSTER '{cluster}'
(
    proposal String,
    kind LowCardinality(String),
    id String,
    body String CODEC(ZSTD(3)),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(proposed_at)
ORDER BY proposal
-- A proposal is a version soon, or never; the version has its body.
TTL toDateTime(proposed_at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1;

-- 0005_reconciliation_windows.sql, statement 1
CREATE TABLE IF NOT EXISTS windows ON CLUSTER '{cluster}'
(
    process LowCardinality(String),
    window_from DateTime64(6, 'UTC'),
    window_to DateTime64(6, 'UTC'),
    reconciliation String,
    opened_by String,
    opened_at DateTime64(6, 'UTC'),
    scheduled Bool,
    INDEX ended window_to TYPE minmax GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (process, window_from, window_to);

-- 0005_reconciliation_windows.sql, statement 2
CREATE TABLE IF NOT EXISTS window_transitions ON CLUSTER '{cluster}'
(
    reconciliation String,
    at DateTime64(6, 'UTC'),
    run String,
    seq UInt32,
    state LowCardinality(String),
    revision UInt32,
    by String,
    -- Free text that people gave is kept apart and named here.
    reason_id String,
    deadline Nullable(DateTime64(6, 'UTC')),
    alert_id String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (reconciliation, run, seq);

-- 0005_reconciliation_windows.sql, statement 3
CREATE TABLE IF NOT EXISTS verdicts ON CLUSTER '{cluster}'
(
    reconciliation String,
    revision UInt32,
    judgement String,
    state LowCardinality(String),
    -- How deep the comparison had to go: digest, key, field.
    depth LowCardinality(String),
    judged_at DateTime64(6, 'UTC'),
    process_version UInt32,
    -- Of the digests that were judged: what arrives later changes it.
    fingerprint String,
    stage_counts Map(LowCardinality(String), Int64),
    kinds Map(LowCardinality(String), UInt64),
    open UInt64,
    accepted UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (reconciliation, revision)
-- Inserts carry the revision as their token: of two judgements that make the same one, the first is kept.
SETTINGS replicated_deduplication_window = 10000;

-- 0005_reconciliation_windows.sql, statement 4
CREATE TABLE IF NOT EXISTS discrepancies ON CLUSTER '{cluster}'
(
    reconciliation String,
    judgement String,
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    kind LowCardinality(String),
    hop LowCardinality(String),
    field String,
    expected String CODEC(ZSTD(1)),
    found String CODEC(ZSTD(1)),
    -- Of the fields that differ: how much the one matters that matters most.
    rank LowCardinality(String),
    -- When the first of the events happened that it is about.
    since DateTime64(6, 'UTC'),
    -- What exactly was found: somebody who accepted it accepted this, and nothing that it becomes later.
    fact UInt64 MATERIALIZED sipHash64(field, expected, found),
    judged_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (reconciliation, judgement, key, stage, kind);

-- 0005_reconciliation_windows.sql, statement 5
CREATE TABLE IF NOT EXISTS acceptance_proposals ON CLUSTER '{cluster}'
(
    acceptance String,
    reconciliation String,
    -- What the person saw: a revision, and the judgement that it stands on.
    revision UInt32,
    judgement String,
    -- Empty: whatever is open.
    selected Array(Tuple(key String, stage String, kind String)),
    reason String CODEC(ZSTD(1)),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY acceptance;

-- 0005_reconciliation_windows.sql, statement 6
CREATE TABLE IF NOT EXISTS acceptances ON CLUSTER '{cluster}'
(
    reconciliation String,
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    kind LowCardinality(String),
    -- Of the discrepancy as it was accepted.
    fact UInt64,
    acceptance String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (reconciliation, key, stage, kind, fact);

-- 0005_reconciliation_windows.sql, statement 7
CREATE TABLE IF NOT EXISTS backfills ON CLUSTER '{cluster}'
(
    backfill String,
    seq UInt32,
    process LowCardinality(String),
    span_from DateTime64(6, 'UTC'),
    span_to DateTime64(6, 'UTC'),
    at_once UInt16,
    asked_by String,
    asked_at DateTime64(6, 'UTC'),
    state Enum8('running' = 1, 'done' = 2, 'stopped' = 3),
    updated_at DateTime64(6, 'UTC'),
    opened UInt32,
    judged UInt32,
    with_gaps UInt32,
    passed UInt32
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (backfill, seq);

-- 0006_alerting_alerts.sql, statement 1
CREATE TABLE IF NOT EXISTS alerts ON CLUSTER '{cluster}'
(
    alert_id String,
    fingerprint String,
    process LowCardinality(String),
    subject_kind LowCardinality(String),
    subject_id String,
    severity LowCardinality(String),
    policy LowCardinality(String),
    -- 0: there was no such policy, and nobody could be paged.
    policy_version UInt32,
    open UInt64,
    revision UInt32,
    labels Map(LowCardinality(String), String),
    -- The group that tells of it; empty where it is told by itself.
    group_key String,
    -- What a page says beside ids and counts, as JSON; empty where its raiser said nothing.
    context String CODEC(ZSTD(1)),
    raised_at DateTime64(6, 'UTC'),
    INDEX groups group_key TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX fingerprints fingerprint TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY alert_id;

-- 0006_alerting_alerts.sql, statement 2
CREATE TABLE IF NOT EXISTS alert_transitions ON CLUSTER '{cluster}'
(
    alert_id String,
    seq UInt32,
    kind LowCardinality(String),
    at DateTime64(6, 'UTC'),
    -- Levels and targets count from 1, 0 where they do not apply; repeats from 0.
    level UInt8,
    repeat UInt32,
    target UInt16,
    -- Names of the routing key or the channel, never what they stand for.
    routing_key LowCardinality(String),
    channel LowCardinality(String),
    person LowCardinality(String),
    dedup_key String,
    code LowCardinality(String),
    by String,
    via LowCardinality(String),
    reason LowCardinality(String),
    delivery_id String,
    -- Until when it is quiet; 1970 where that does not apply.
    until DateTime64(6, 'UTC'),
    -- The version of the policy that is followed from here on; 0 where that does not apply.
    revision UInt32
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (alert_id, seq);

-- 0006_alerting_alerts.sql, statement 3
CREATE TABLE IF NOT EXISTS webhook_deliveries ON CLUSTER '{cluster}'
(
    event_id String,
    event_type LowCardinality(String),
    dedup_key String,
    -- Empty where the event is about no alert of ours.
    alert_id String,
    outcome Enum8('accepted' = 1, 'ignored' = 2),
    code LowCardinality(String),
    occurred_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY event_id;

-- 0006_alerting_alerts.sql, statement 4
CREATE TABLE IF NOT EXISTS pagerduty_incidents ON CLUSTER '{cluster}'
(
    dedup_key String,
    incident String,
    number UInt64,
    url String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY dedup_key;

-- 0007_platform_migrations.sql, statement 1
CREATE TABLE IF NOT EXISTS schema_readers ON CLUSTER '{cluster}'
(
    instance String,
    release LowCardinality(String),
    -- Host and process id: where to look for it.
    place String,
    state Enum8('running' = 1, 'ended' = 2),
    at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', at)
PARTITION BY toMonday(at)
ORDER BY instance
-- Who has been silent for half an hour does not count.
TTL toDateTime(at) + INTERVAL 14 DAY
SETTINGS ttl_only_drop_parts = 1;

-- 0007_platform_migrations.sql, statement 2
CREATE TABLE IF NOT EXISTS schema_reader_queries ON CLUSTER '{cluster}'
(
    release LowCardinality(String),
    name String,
    text String CODEC(ZSTD(3))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (release, name)
-- A release inserts its queries under its name as token at every start; it is there once.
SETTINGS replicated_deduplication_window = 1000;

-- 0008_tracking_quarantine.sql, statement 1
CREATE TABLE IF NOT EXISTS quarantine_steps ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(received_at)
ORDER BY (received_at, identity, payload_hash, at, step);

-- 0008_tracking_quarantine.sql, statement 2
CREATE TABLE IF NOT EXISTS quarantine_replays ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(asked_at)
ORDER BY (replay, seq);

-- 0009_tracking_identities.sql, statement 1
CREATE TABLE IF NOT EXISTS tracking_identities ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY generation
ORDER BY (identity, attempt, payload_hash, outcome)
-- A batch asks for thousands of hashes that stand anywhere: each reads one granule, and one block of each column.
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 4096;

-- 0009_tracking_identities.sql, statement 2
CREATE TABLE IF NOT EXISTS tracking_identity_marks ON CLUSTER '{cluster}'
(
    kept_until DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', kept_until)
ORDER BY tuple();

-- 0009_tracking_identities.sql, statement 3
CREATE TABLE IF NOT EXISTS tracking_identity_keys ON CLUSTER '{cluster}'
(
    fingerprint String,
    first_used_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY fingerprint;

-- 0009_tracking_identities.sql, statement 4
CREATE TABLE IF NOT EXISTS intake_claims ON CLUSTER '{cluster}'
(
    claimed_at DateTime64(6, 'UTC'),
    owner String,
    is_given_up Bool
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY claimed_at;

-- 0010_tracking_star_schema.sql, statement 1
CREATE VIEW IF NOT EXISTS transaction_log ON CLUSTER '{cluster}' AS
SELECT
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
ORDER BY received_at, process, origin_hour, key, stage, source, id, attempt, outcome, sign;

-- 0010_tracking_star_schema.sql, statement 2
CREATE VIEW IF NOT EXISTS fact_events ON CLUSTER '{cluster}' AS
SELECT
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
    -- What the events that were kept stand for, where a share was: sums of it are unbiased.
    sum(sign * weight) AS weighted_events,
    sum(sign) AS events,
    sum(digest) AS digest_sum,
    dateDiff('millisecond', origin_at, any(tracking_records.occurred_at)) AS lag_ms
FROM tracking_records
WHERE sign != 0
GROUP BY process, origin_hour, key, stage, source, type, contract_version, origin_at, origin_from, first_received_at, attempt, identity, manual, definition
HAVING sum(sign) > 0;

-- 0010_tracking_star_schema.sql, statement 3
CREATE VIEW IF NOT EXISTS fact_windows ON CLUSTER '{cluster}' AS
SELECT
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
FROM verdicts AS v FINAL
INNER JOIN
(
    SELECT reconciliation, any(windows.process) AS process, any(windows.window_from) AS window_from, any(windows.window_to) AS window_to,
           argMin(windows.scheduled, opened_at) AS scheduled
    FROM windows
    GROUP BY reconciliation
) AS w ON v.reconciliation = w.reconciliation
INNER JOIN
(
    SELECT reconciliation, max(revision) AS newest FROM verdicts GROUP BY reconciliation
) AS n ON v.reconciliation = n.reconciliation;

-- 0010_tracking_star_schema.sql, statement 4
CREATE VIEW IF NOT EXISTS fact_discrepancies ON CLUSTER '{cluster}' AS
SELECT
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
FROM discrepancies AS d FINAL
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
        SELECT reconciliation, any(windows.process) AS process, toStartOfHour(toDateTime(any(window_from), 'UTC')) AS from_hour FROM windows GROUP BY reconciliation
    ) AS w ON verdicts.reconciliation = w.reconciliation
    INNER JOIN
    (
        SELECT reconciliation, max(revision) AS newest FROM verdicts GROUP BY reconciliation
    ) AS n ON verdicts.reconciliation = n.reconciliation
    GROUP BY verdicts.reconciliation, verdicts.judgement
) AS v ON d.reconciliation = v.reconciliation AND d.judgement = v.judgement
LEFT JOIN
(
    SELECT reconciliation, key, stage, kind, fact, any(acceptances.acceptance) AS acceptance FROM acceptances GROUP BY reconciliation, key, stage, kind, fact
) AS a ON d.reconciliation = a.reconciliation AND d.key = a.key AND d.stage = a.stage AND d.kind = a.kind AND d.fact = a.fact;

-- 0010_tracking_star_schema.sql, statement 5
CREATE VIEW IF NOT EXISTS dim_process ON CLUSTER '{cluster}' AS
SELECT
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
FROM documents FINAL
WHERE kind = 'process'
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- 0010_tracking_star_schema.sql, statement 6
CREATE VIEW IF NOT EXISTS dim_stage ON CLUSTER '{cluster}' AS
SELECT
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
    FROM documents FINAL
    WHERE kind = 'process'
    WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
ARRAY JOIN bodies AS one, arrayEnumerate(bodies) AS position;

-- 0010_tracking_star_schema.sql, statement 7
CREATE VIEW IF NOT EXISTS dim_source ON CLUSTER '{cluster}' AS
SELECT
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
    SELECT id, version, changed_at AS since, body FROM documents FINAL WHERE kind = 'source'
    UNION ALL
    SELECT DISTINCT id, toUInt32(0), toDateTime64(0, 6, 'UTC'), ''
    FROM (SELECT id FROM documents WHERE kind = 'source' UNION ALL SELECT toString(source) FROM tracking_records GROUP BY source)
)
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- 0010_tracking_star_schema.sql, statement 8
CREATE VIEW IF NOT EXISTS dim_event_type ON CLUSTER '{cluster}' AS
SELECT
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
    SELECT id, version, changed_at AS since, body FROM documents FINAL WHERE kind = 'contract'
    UNION ALL
    SELECT DISTINCT id, toUInt32(0), toDateTime64(0, 6, 'UTC'), ''
    FROM (SELECT id FROM documents WHERE kind = 'contract' UNION ALL SELECT toString(type) FROM tracking_records WHERE sign != 0 GROUP BY type)
)
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- 0010_tracking_star_schema.sql, statement 9
CREATE VIEW IF NOT EXISTS dim_time ON CLUSTER '{cluster}' AS
SELECT
    toDateTime(946684800 + number * 3600, 'UTC') AS hour,
    toDate(hour) AS date,
    toHour(hour) AS hour_of_day,
    toDayOfWeek(hour) AS day_of_week,
    toISOWeek(hour) AS iso_week,
    toISOYear(hour) AS iso_year,
    toMonth(hour) AS month,
    toQuarter(hour) AS quarter,
    toYear(hour) AS year
FROM numbers(876600);

-- 0011_findings_findings.sql, statement 1
CREATE TABLE IF NOT EXISTS findings ON CLUSTER '{cluster}'
(
    -- First 128 bits of SHA-256 over kind, source, process, stage, where it begins and what asked for it.
    finding String,
    kind LowCardinality(String),
    -- Of the system as a whole where process and stage are empty.
    source LowCardinality(String),
    process LowCardinality(String),
    stage LowCardinality(String),
    severity LowCardinality(String),
    -- What is affected: sequence numbers, both included, and times, as far as the kind has them.
    from_number Nullable(UInt64),
    to_number Nullable(UInt64),
    from_at DateTime64(6, 'UTC'),
    to_at DateTime64(6, 'UTC'),
    -- Cases that it touches, as measured.
    cases UInt64,
    -- What else was measured, by name.
    measures Map(LowCardinality(String), Int64),
    -- The document that asked for it, as kind/id: an objective, a reference. Empty where every source is inspected for it.
    subject LowCardinality(String),
    owner LowCardinality(String),
    -- The escalation policy that pages because of it; empty for none.
    policy LowCardinality(String),
    found_at DateTime64(6, 'UTC'),
    -- What was received until then is counted: the same observation again changes nothing.
    observed_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', observed_to)
ORDER BY finding;

-- 0011_findings_findings.sql, statement 2
CREATE TABLE IF NOT EXISTS finding_steps ON CLUSTER '{cluster}'
(
    finding String,
    at DateTime64(6, 'UTC'),
    step Enum8('found' = 1, 'reopened' = 2, 'triaged' = 3, 'fixed' = 4, 'accepted' = 5, 'alerted' = 6, 'alert_ended' = 7),
    done_by LowCardinality(String),
    -- Given by whoever took the step; empty for as it was.
    owner LowCardinality(String),
    cases Nullable(UInt64),
    amount String,
    currency LowCardinality(String),
    reason String CODEC(ZSTD(1)),
    alert String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (finding, at, step, done_by, alert);

-- 0011_findings_findings.sql, statement 3
CREATE TABLE IF NOT EXISTS inspection_marks ON CLUSTER '{cluster}'
(
    inspection LowCardinality(String),
    inspected_to DateTime64(6, 'UTC'),
    planned_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', inspected_to)
ORDER BY inspection;

-- 0011_findings_findings.sql, statement 4
CREATE TABLE IF NOT EXISTS sequence_states ON CLUSTER '{cluster}'
(
    source LowCardinality(String),
    process LowCardinality(String),
    stage LowCardinality(String),
    -- SequenceState of the domain's core, as JSON.
    state String CODEC(ZSTD(1)),
    inspected_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', inspected_to)
ORDER BY (source, process, stage);

-- 0011_findings_findings.sql, statement 5
CREATE TABLE IF NOT EXISTS arrival_counts ON CLUSTER '{cluster}'
(
    source LowCardinality(String),
    process LowCardinality(String),
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    arrivals UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (source, process, bucket);

-- 0011_findings_findings.sql, statement 6
CREATE TABLE IF NOT EXISTS clock_skews ON CLUSTER '{cluster}'
(
    source LowCardinality(String),
    hour DateTime('UTC'),
    skew Int64,
    uncertainty UInt64,
    samples UInt64,
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', measured_to)
ORDER BY (source, hour);

-- 0011_findings_findings.sql, statement 7
ALTER TABLE tracking_records ON CLUSTER '{cluster}' ADD INDEX IF NOT EXISTS received received_at TYPE minmax GRANULARITY 1;

-- 0011_findings_findings.sql, statement 8
ALTER TABLE tracking_records ON CLUSTER '{cluster}' ADD INDEX IF NOT EXISTS numbers sequence TYPE minmax GRANULARITY 1;

-- 0012_comparisons_comparisons.sql, statement 1
CREATE TABLE IF NOT EXISTS comparisons ON CLUSTER '{cluster}'
(
    comparison String,
    -- Empty where the definition came with the request.
    definition LowCardinality(String),
    definition_version UInt32,
    -- ComparisonDefinition of the domain's core, as JSON: names of connections, never addresses or credentials.
    body String CODEC(ZSTD(1)),
    asked_by LowCardinality(String),
    asked_at DateTime64(6, 'UTC'),
    scheduled Bool
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY comparison;

-- 0012_comparisons_comparisons.sql, statement 2
CREATE TABLE IF NOT EXISTS comparison_segments ON CLUSTER '{cluster}'
(
    comparison String,
    asked_at DateTime64(6, 'UTC'),
    execution String,
    segment UInt32,
    -- Executions that told the differences so far, and the last segment of each.
    executions Array(String),
    ends Array(UInt32),
    key_columns Array(String),
    compared_columns Array(String),
    -- ResumePoint of the domain's core, as JSON. Its key is data.
    resume String CODEC(ZSTD(1)),
    -- Of the resume point: what people see while it runs.
    added UInt64,
    removed UInt64,
    changed UInt64,
    same UInt64,
    rows UInt64,
    bytes UInt64,
    seconds Float64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(asked_at)
ORDER BY (comparison, segment, execution);

-- 0012_comparisons_comparisons.sql, statement 3
CREATE TABLE IF NOT EXISTS comparison_differences ON CLUSTER '{cluster}'
(
    comparison String,
    asked_at DateTime64(6, 'UTC'),
    execution String,
    segment UInt32,
    ordinal UInt32,
    kind Enum8('added' = 1, 'removed' = 2, 'changed' = 3),
    key Array(Nullable(String)) CODEC(ZSTD(1)),
    -- Empty where the side has no such row.
    source Array(Nullable(String)) CODEC(ZSTD(1)),
    target Array(Nullable(String)) CODEC(ZSTD(1)),
    -- Of what changed: which of the compared columns, by index.
    columns Array(UInt16)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toMonday(asked_at)
ORDER BY (comparison, segment, execution, ordinal);

-- 0012_comparisons_comparisons.sql, statement 4
CREATE TABLE IF NOT EXISTS comparison_results ON CLUSTER '{cluster}'
(
    comparison String,
    ended_at DateTime64(6, 'UTC'),
    state LowCardinality(String),
    executions Array(String),
    ends Array(UInt32),
    key_columns Array(String),
    compared_columns Array(String),
    added UInt64,
    removed UInt64,
    changed UInt64,
    same UInt64,
    rows UInt64,
    bytes UInt64,
    seconds Float64,
    -- ComparisonResult of the domain's core, as JSON; empty where it did not come to one.
    result String CODEC(ZSTD(1)),
    failure_code LowCardinality(String),
    failure_detail String CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY comparison
-- Inserts carry the comparison as their token: of two executions that end it, the first is kept.
SETTINGS replicated_deduplication_window = 10000;

-- 0013_quality_measures.sql, statement 1
CREATE TABLE IF NOT EXISTS objective_measures ON CLUSTER '{cluster}'
(
    -- What is counted, as JSON: the dimension, the process, and its terms.
    measure String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    -- Keys that came in time of keys; microseconds that were fresh of microseconds.
    good UInt64,
    total UInt64,
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', measured_to)
ORDER BY (measure, bucket);

-- 0013_quality_measures.sql, statement 2
CREATE TABLE IF NOT EXISTS objective_marks ON CLUSTER '{cluster}'
(
    measure String,
    measured_from DateTime64(6, 'UTC'),
    measured_to DateTime64(6, 'UTC'),
    marked_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', marked_at)
ORDER BY measure;

-- 0013_quality_measures.sql, statement 3
CREATE TABLE IF NOT EXISTS objective_evaluations ON CLUSTER '{cluster}'
(
    objective LowCardinality(String),
    evaluated_at DateTime64(6, 'UTC'),
    version UInt32,
    -- What was promised: completeness, freshness or accuracy.
    dimension LowCardinality(String),
    state LowCardinality(String),
    -- Why there is not enough to say; empty otherwise.
    reason LowCardinality(String),
    -- The arrivals that it is about, and up to when what was received is in it.
    covers_from DateTime64(6, 'UTC'),
    covers_to DateTime64(6, 'UTC'),
    as_of DateTime64(6, 'UTC'),
    good UInt64,
    total UInt64,
    observations UInt64,
    target Float64,
    -- Shares; empty where the target leaves no budget, or nothing was observed.
    budget_left Nullable(Float64),
    burn_rate Nullable(Float64),
    recent_from DateTime64(6, 'UTC'),
    projected_at Nullable(DateTime64(6, 'UTC')),
    -- Of freshness: the newest arrival.
    newest_at Nullable(DateTime64(6, 'UTC'))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (objective, evaluated_at);

-- 0013_quality_measures.sql, statement 4
CREATE TABLE IF NOT EXISTS kpi_hops ON CLUSTER '{cluster}'
(
    process LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    from_stage LowCardinality(String),
    to_stage LowCardinality(String),
    from_hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    keys UInt64,
    -- Of them those whose later stage is stamped before the earlier one: clocks differ. They took no time here.
    reversed UInt64,
    -- Microseconds, within 1% of each (DDSketch). Not seconds: below 1 the engine's sketch keeps no bound (docs/adr/0017).
    took AggregateFunction(quantilesDD(0.01, 0.5, 0.75, 0.9, 0.95, 0.99), Float64),
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', measured_to)
ORDER BY (process, hour, from_stage, to_stage, from_hour);

-- 0013_quality_measures.sql, statement 5
CREATE TABLE IF NOT EXISTS kpi_marks ON CLUSTER '{cluster}'
(
    mark LowCardinality(String),
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', measured_to)
ORDER BY mark;

-- 0013_quality_measures.sql, statement 6
CREATE TABLE IF NOT EXISTS reference_checks ON CLUSTER '{cluster}'
(
    reference LowCardinality(String),
    checked_at DateTime64(6, 'UTC'),
    version UInt32,
    -- Keys that were there since covers_from, and for the grace.
    covers_from DateTime64(6, 'UTC'),
    covers_to DateTime64(6, 'UTC'),
    tracked UInt64,
    business UInt64,
    orphans_in_tracking UInt64,
    orphans_in_business UInt64,
    -- The first of them, in the order of keys.
    examples_in_tracking Array(String) CODEC(ZSTD(1)),
    examples_in_business Array(String) CODEC(ZSTD(1)),
    -- Why it came to nothing; empty when it came to its end.
    failure_code LowCardinality(String),
    failure_detail String CODEC(ZSTD(1)),
    -- A repeat that came to its end counts instead of an attempt that did not.
    succeeded UInt8
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', succeeded)
ORDER BY (reference, checked_at);

-- 0014_resolution_decisions.sql, statement 1
CREATE TABLE IF NOT EXISTS resolution_decisions ON CLUSTER '{cluster}'
(
    reconciliation String,
    decision String,
    judgement String,
    revision UInt32,
    -- Empty: people.
    rule LowCardinality(String),
    rule_version UInt32,
    action LowCardinality(String),
    discrepancies UInt64,
    by String,
    decided_at DateTime64(6, 'UTC'),
    -- Of a replay: sent or failed, once that is known.
    outcome LowCardinality(String),
    recorded_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', recorded_at)
ORDER BY (reconciliation, decision);

-- 0014_resolution_decisions.sql, statement 2
CREATE TABLE IF NOT EXISTS resolution_replays ON CLUSTER '{cluster}'
(
    reconciliation String,
    rule LowCardinality(String),
    decision String,
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    kind LowCardinality(String)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (reconciliation, rule, decision, key, stage, kind);

-- 0014_resolution_decisions.sql, statement 3
CREATE TABLE IF NOT EXISTS decision_proposals ON CLUSTER '{cluster}'
(
    decision String,
    action LowCardinality(String),
    process LowCardinality(String),
    reconciliation String,
    select_from DateTime64(6, 'UTC'),
    select_to DateTime64(6, 'UTC'),
    kinds Array(String),
    stages Array(String),
    fields Array(String),
    keys Array(String),
    key_prefix String,
    reason String CODEC(ZSTD(1)),
    -- 1970: never.
    expires_at DateTime64(6, 'UTC'),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY decision;

-- 0014_resolution_decisions.sql, statement 4
CREATE TABLE IF NOT EXISTS decision_remarks ON CLUSTER '{cluster}'
(
    remark String,
    decision String,
    text String CODEC(ZSTD(1)),
    by String,
    at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (decision, remark);

-- 0014_resolution_decisions.sql, statement 5
CREATE TABLE IF NOT EXISTS decision_steps ON CLUSTER '{cluster}'
(
    decision String,
    step LowCardinality(String),
    at DateTime64(6, 'UTC'),
    by String,
    remark String,
    windows UInt64,
    discrepancies UInt64,
    -- Of a proposal: until when it may be approved; 1970 where nobody needs to.
    deadline DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (decision, step);

-- 0014_resolution_decisions.sql, statement 6
CREATE TABLE IF NOT EXISTS decision_windows ON CLUSTER '{cluster}'
(
    decision String,
    reconciliation String,
    judgement String,
    revision UInt32,
    discrepancies UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (decision, reconciliation);

-- 0015_resolution_statements.sql, statement 1
CREATE TABLE IF NOT EXISTS statements ON CLUSTER '{cluster}'
(
    statement String,
    gate LowCardinality(String),
    period String,
    gate_version UInt32,
    issued_by String,
    issued_at DateTime64(6, 'UTC'),
    -- JSON Web Signature, compact.
    signature String CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (period, gate, statement);

-- 0015_resolution_statements.sql, statement 2
CREATE TABLE IF NOT EXISTS statement_windows ON CLUSTER '{cluster}'
(
    statement String,
    reconciliation String,
    revision UInt32,
    open UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (statement, reconciliation);

-- 0016_oncall_overrides.sql, statement 1
CREATE TABLE IF NOT EXISTS on_call_overrides ON CLUSTER '{cluster}'
(
    schedule LowCardinality(String),
    override String,
    person LowCardinality(String),
    from_at DateTime64(6, 'UTC'),
    to_at DateTime64(6, 'UTC'),
    reason String CODEC(ZSTD(1)),
    made_by String,
    made_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (schedule, from_at, override);

-- 0016_oncall_overrides.sql, statement 2
CREATE TABLE IF NOT EXISTS on_call_withdrawals ON CLUSTER '{cluster}'
(
    schedule LowCardinality(String),
    override String,
    withdrawn_by String,
    withdrawn_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (schedule, override, withdrawn_at);

-- 0017_channels_dead_letters.sql, statement 1
CREATE TABLE IF NOT EXISTS dead_letters ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY dead_letter;

-- 0017_channels_dead_letters.sql, statement 2
CREATE TABLE IF NOT EXISTS dead_letter_replays ON CLUSTER '{cluster}'
(
    dead_letter String,
    replayed_at DateTime64(6, 'UTC'),
    replayed_by String,
    -- Empty: it was delivered.
    code LowCardinality(String),
    ref String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (dead_letter, replayed_at);

-- 0017_channels_dead_letters.sql, statement 3
CREATE TABLE IF NOT EXISTS dead_letter_claims ON CLUSTER '{cluster}'
(
    dead_letter String,
    claim String,
    state Enum8('claimed' = 1, 'released' = 2),
    at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (dead_letter, claim, state);

-- 0018_suppression_changes.sql, statement 1
CREATE TABLE IF NOT EXISTS changes ON CLUSTER '{cluster}'
(
    change String,
    kind LowCardinality(String),
    state LowCardinality(String),
    labels Map(LowCardinality(String), String),
    title String CODEC(ZSTD(1)),
    link String CODEC(ZSTD(1)),
    made_by String,
    -- By the clock of who told it.
    at DateTime64(6, 'UTC'),
    reported_by LowCardinality(String),
    reported_at DateTime64(6, 'UTC'),
    INDEX change_index change TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (at, change, state, reported_at);

-- 0018_suppression_changes.sql, statement 2
CREATE TABLE IF NOT EXISTS change_announcements ON CLUSTER '{cluster}'
(
    change String,
    state LowCardinality(String),
    announced_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (change, state);

-- 0019_rules_states.sql, statement 1
CREATE TABLE IF NOT EXISTS rule_states ON CLUSTER '{cluster}'
(
    rule LowCardinality(String),
    -- Values of what the rule tells apart, as a JSON array; of a round's own row its instant, so that no instant is evaluated twice.
    series String CODEC(ZSTD(1)),
    round UInt64,
    evaluated_at DateTime64(6, 'UTC'),
    -- Of the rule's document; of a round's own row, rules that were evaluated.
    version UInt32,
    state LowCardinality(String),
    since DateTime64(6, 'UTC'),
    value Nullable(Float64),
    expected Nullable(Float64),
    deviation Nullable(Float64),
    -- Why it cannot be evaluated; empty otherwise.
    fault LowCardinality(String),
    -- Since when each band's value, absence or fault has been there, in microseconds.
    held Map(LowCardinality(String), Int64),
    -- The alert that stands: when it fired, when the first one did that it took the place of (or itself), since when it had been so, why and how severe.
    firing_since Nullable(DateTime64(6, 'UTC')),
    firing_first Nullable(DateTime64(6, 'UTC')),
    firing_begun Nullable(DateTime64(6, 'UTC')),
    cause LowCardinality(String),
    severity LowCardinality(String),
    clear_since Nullable(DateTime64(6, 'UTC')),
    seen_at DateTime64(6, 'UTC'),
    -- The longest time between two rounds lately, in microseconds.
    pace Int64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', round)
ORDER BY (rule, series)
SETTINGS replicated_deduplication_window = 1000;

-- 0019_rules_states.sql, statement 2
CREATE TABLE IF NOT EXISTS rule_alerts ON CLUSTER '{cluster}'
(
    alert String,
    step Enum8('raised' = 1, 'ended' = 2),
    at DateTime64(6, 'UTC'),
    rule LowCardinality(String),
    series String CODEC(ZSTD(1)),
    since DateTime64(6, 'UTC'),
    begun DateTime64(6, 'UTC'),
    cause LowCardinality(String),
    severity LowCardinality(String)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (rule, alert, step);

-- 0020_synthetics_probes.sql, statement 1
CREATE TABLE IF NOT EXISTS probes ON CLUSTER '{cluster}'
(
    synthetic LowCardinality(String),
    at DateTime64(6, 'UTC'),
    version UInt32,
    process LowCardinality(String),
    key String CODEC(ZSTD(1)),
    state Enum8('under_way' = 1, 'passed' = 2, 'broken' = 3),
    -- Where it broke: the stage, the hop to it, and how.
    stage LowCardinality(String),
    hop LowCardinality(String),
    fault LowCardinality(String),
    -- Microseconds from `at` to receipt, by stage.
    took Map(LowCardinality(String), Int64),
    ended UInt8
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', ended)
ORDER BY (synthetic, at);

-- 0020_synthetics_probes.sql, statement 2
CREATE TABLE IF NOT EXISTS heartbeat_beats ON CLUSTER '{cluster}'
(
    heartbeat LowCardinality(String),
    beats SimpleAggregateFunction(sum, UInt64),
    last_at SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY heartbeat;

-- 0020_synthetics_probes.sql, statement 3
CREATE TABLE IF NOT EXISTS heartbeat_watches ON CLUSTER '{cluster}'
(
    heartbeat LowCardinality(String),
    round UInt64,
    beats UInt64,
    watched_at DateTime64(6, 'UTC'),
    since DateTime64(6, 'UTC'),
    silent_for Int64,
    alert String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', round)
ORDER BY heartbeat;

-- 0020_synthetics_probes.sql, statement 4
CREATE TABLE IF NOT EXISTS self_checks ON CLUSTER '{cluster}'
(
    name LowCardinality(String),
    at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', at)
ORDER BY name;

-- 0021_audit_entries.sql, statement 1
CREATE TABLE IF NOT EXISTS audit_entries ON CLUSTER '{cluster}'
(
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    commit UInt64 CODEC(Delta, ZSTD(1)),
    at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- 32 random bytes in hexadecimal digits.
    salt String CODEC(ZSTD(1)),
    entry String CODEC(ZSTD(3)),
    id String MATERIALIZED JSONExtractString(entry, 'id') CODEC(ZSTD(1)),
    kind LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'kind'),
    action LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'action'),
    actor LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'actor'),
    subject_kind LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'subjectKind'),
    subject_id String MATERIALIZED JSONExtractString(entry, 'subjectId') CODEC(ZSTD(1)),
    outcome LowCardinality(String) MATERIALIZED JSONExtractString(entry, 'outcome'),
    INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_action action TYPE set(100) GRANULARITY 1,
    INDEX by_actor actor TYPE set(100) GRANULARITY 1,
    INDEX by_subject subject_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(at)
ORDER BY (sequence, commit);

-- 0022_archives_archives.sql, statement 1
CREATE TABLE IF NOT EXISTS archives ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', revision)
ORDER BY archive;

-- 0022_archives_archives.sql, statement 2
CREATE TABLE IF NOT EXISTS archive_objects ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', written_at)
ORDER BY (archive, number);

-- 0022_archives_archives.sql, statement 3
CREATE TABLE IF NOT EXISTS archive_keys ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', revision)
ORDER BY key_id;

-- 0022_archives_archives.sql, statement 4
CREATE TABLE IF NOT EXISTS archive_subject_keys ON CLUSTER '{cluster}'
(
    key_id String,
    subject String,
    -- 32 bytes in hexadecimal.
    secret String CODEC(NONE)
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (key_id, subject)
SETTINGS replicated_deduplication_window = 1000;

-- 0022_archives_archives.sql, statement 5
CREATE TABLE IF NOT EXISTS archive_readings ON CLUSTER '{cluster}'
(
    reading String,
    rows UInt64,
    hash UInt64,
    erased UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY reading;

-- 0022_archives_archives.sql, statement 6
CREATE TABLE IF NOT EXISTS archive_restores ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', revision)
ORDER BY restore;

-- 0022_archives_archives.sql, statement 7
CREATE TABLE IF NOT EXISTS archive_restored_records ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY restore
ORDER BY (process, key, stage, received_at)
SETTINGS replicated_deduplication_window = 1000;

-- 0022_archives_archives.sql, statement 8
CREATE TABLE IF NOT EXISTS archive_drills ON CLUSTER '{cluster}'
(
    archive String,
    at DateTime64(6, 'UTC'),
    state Enum8('passed' = 1, 'failed' = 2),
    fault LowCardinality(String),
    rows UInt64,
    bytes UInt64,
    took_ms UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (archive, at);

-- 0022_archives_archives.sql, statement 9
CREATE TABLE IF NOT EXISTS archive_key_destructions ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', changed_at)
ORDER BY key_id;

-- 0023_holds_holds.sql, statement 1
CREATE TABLE IF NOT EXISTS holds ON CLUSTER '{cluster}'
(
    hold String,
    version UInt32,
    state Enum8('proposed' = 1, 'in_force' = 2, 'releasing' = 3, 'released' = 4, 'refused' = 5),
    -- How the engine finds what it is for.
    kind Enum8('everything' = 1, 'process' = 2, 'keys' = 3, 'subject' = 4, 'query' = 5),
    -- Of kind `process`: which.
    processes Array(LowCardinality(String)),
    matter String CODEC(ZSTD(1)),
    counsel String CODEC(ZSTD(1)),
    terms String CODEC(ZSTD(3)),
    -- By what it was made: see hold_proposals.
    proposal String,
    reason String CODEC(ZSTD(1)),
    changed_by String,
    changed_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (hold, version);

-- 0023_holds_holds.sql, statement 2
CREATE TABLE IF NOT EXISTS hold_names ON CLUSTER '{cluster}'
(
    process LowCardinality(String),
    name String CODEC(ZSTD(1)),
    hold String,
    version UInt32
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (process, name, hold, version);

-- 0023_holds_holds.sql, statement 3
CREATE TABLE IF NOT EXISTS hold_acknowledgements ON CLUSTER '{cluster}'
(
    hold String,
    custodian String,
    acknowledged_at DateTime64(6, 'UTC'),
    via LowCardinality(String),
    acknowledged_by String
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (hold, custodian, acknowledged_at);

-- 0023_holds_holds.sql, statement 4
CREATE TABLE IF NOT EXISTS hold_notices ON CLUSTER '{cluster}'
(
    hold String,
    custodian String,
    round UInt32,
    kind LowCardinality(String),
    outcome LowCardinality(String),
    sent_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', sent_at)
ORDER BY (hold, custodian, kind, round);

-- 0023_holds_holds.sql, statement 5
CREATE TABLE IF NOT EXISTS deletion_intents ON CLUSTER '{cluster}'
(
    intent String,
    step Enum8('open' = 1, 'done' = 2, 'failed' = 3, 'unclear' = 4, 'expired' = 5),
    of_table LowCardinality(String),
    partition LowCardinality(String),
    class LowCardinality(String),
    fence String,
    seconds UInt16,
    owner LowCardinality(String),
    -- Rows that went; of a step that ends.
    rows UInt64,
    at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (intent, step);

-- 0023_holds_holds.sql, statement 6
CREATE TABLE IF NOT EXISTS held_keys ON CLUSTER '{cluster}'
(
    finding String,
    process LowCardinality(String),
    key String CODEC(ZSTD(1)),
    found_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMMDD(found_at)
ORDER BY (finding, process, key);

-- 0023_holds_holds.sql, statement 7
CREATE TABLE IF NOT EXISTS hold_proposals ON CLUSTER '{cluster}'
(
    proposal String,
    hold String,
    terms String CODEC(ZSTD(3)),
    reason String CODEC(ZSTD(1)),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY proposal;

-- 0024_platform_saga_journal.sql, statement 1
CREATE TABLE IF NOT EXISTS saga_journal ON CLUSTER '{cluster}'
(
    saga String,
    seq UInt32,
    -- The contract's name.
    kind LowCardinality(String),
    -- Empty: the saga as a whole.
    step LowCardinality(String),
    state LowCardinality(String),
    at DateTime64(6, 'UTC'),
    -- A principal; empty for the system.
    by String,
    -- Names what they said; of a failure its code.
    remark String,
    counts Map(String, Int64)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (saga, seq);

-- 0025_disposition_retention_runs.sql, statement 1
CREATE TABLE IF NOT EXISTS retention_runs ON CLUSTER '{cluster}'
(
    run String,
    is_dry_run Bool,
    requested_by String,
    requested_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (requested_at, run);

-- 0025_disposition_retention_runs.sql, statement 2
CREATE TABLE IF NOT EXISTS retention_plans ON CLUSTER '{cluster}'
(
    run String,
    -- Names the lots that count: made anew by each count.
    plan String,
    -- Days since 1970 of the day for which was counted.
    as_of UInt32,
    -- SHA-256 of what was found: what was approved is named by it.
    digest String,
    -- Policies with their versions, and what named the holds then.
    policies String,
    holds String,
    planned_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', planned_at)
ORDER BY run;

-- 0025_disposition_retention_runs.sql, statement 3
CREATE TABLE IF NOT EXISTS retention_lots ON CLUSTER '{cluster}'
(
    plan String,
    lot UInt32,
    -- `archive`: leaves the store for the archive. `dispose`: goes for good. `expire`: an archive whose time is over.
    kind Enum8('archive' = 1, 'dispose' = 2, 'expire' = 3),
    -- As the engine names it; of an archive that expires its id.
    partition String,
    class LowCardinality(String),
    period LowCardinality(String),
    -- Rows of the partition, and of these rows that go and rows that would but are held.
    total UInt64,
    rows UInt64,
    bytes UInt64,
    held UInt64,
    -- Policies by which they go, with their versions.
    policies String,
    -- The store of archives keeps it until then; 1970: for no fixed time.
    retain_until DateTime64(6, 'UTC'),
    -- A few of the rows, as JSON.
    sample String CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY substring(plan, 1, 7)
ORDER BY (plan, lot);

-- 0025_disposition_retention_runs.sql, statement 4
CREATE TABLE IF NOT EXISTS retention_groups ON CLUSTER '{cluster}'
(
    plan String,
    partition LowCardinality(String),
    tier LowCardinality(String),
    process LowCardinality(String),
    categories LowCardinality(String),
    severity LowCardinality(String),
    environment LowCardinality(String),
    region LowCardinality(String),
    received_on UInt32,
    starts String
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY substring(plan, 1, 7)
ORDER BY (plan, partition, tier);

-- 0025_disposition_retention_runs.sql, statement 5
CREATE TABLE IF NOT EXISTS retention_starts ON CLUSTER '{cluster}'
(
    process LowCardinality(String),
    key String CODEC(ZSTD(1)),
    type LowCardinality(String),
    stage LowCardinality(String),
    -- Days since 1970.
    happened UInt32
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', happened)
ORDER BY (process, key, type, stage);

-- 0025_disposition_retention_runs.sql, statement 6
CREATE TABLE IF NOT EXISTS retention_outcomes ON CLUSTER '{cluster}'
(
    run String,
    lot UInt32,
    -- `begun`: from here on it may have been deleted.
    state Enum8('begun' = 0, 'purged' = 1, 'left' = 2, 'proved' = 3),
    -- Of a lot that was left: why.
    fault LowCardinality(String),
    rows UInt64,
    kept UInt64,
    -- Rows of these that were held at the last moment, and what named the holds then.
    held UInt64,
    holds String,
    -- Rows that had to do with them and went too.
    related UInt64,
    at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY (run, lot, state);

-- 0025_disposition_retention_runs.sql, statement 7
CREATE TABLE IF NOT EXISTS retention_certificates ON CLUSTER '{cluster}'
(
    certificate String,
    run String,
    -- JSON Web Signature, compact.
    document String CODEC(ZSTD(3)),
    -- The entry of the audit log.
    sequence UInt64,
    issued_at DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', issued_at)
ORDER BY certificate;
