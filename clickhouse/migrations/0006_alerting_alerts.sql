-- What was raised, with the version of the policy that it follows. Few rows: one for each alert, written again only by a retry.
CREATE TABLE IF NOT EXISTS alerts
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
ENGINE = ReplacingMergeTree
ORDER BY alert_id;

-- What happened to an alert. The number is made by its workflow: a retry of a write repeats the same row.
CREATE TABLE IF NOT EXISTS alert_transitions
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
ENGINE = ReplacingMergeTree
ORDER BY (alert_id, seq);

-- Webhook events that were dealt with, so that a repeated delivery does nothing.
CREATE TABLE IF NOT EXISTS webhook_deliveries
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
ENGINE = ReplacingMergeTree
ORDER BY event_id;

-- Where PagerDuty shows the incident of a page; filled in after the page was accepted, where a token of its REST API is given.
CREATE TABLE IF NOT EXISTS pagerduty_incidents
(
    dedup_key String,
    incident String,
    number UInt64,
    url String
)
ENGINE = ReplacingMergeTree
ORDER BY dedup_key;
