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
    raised_at DateTime64(6, 'UTC')
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
    repeat UInt8,
    target UInt8,
    -- Name of the routing key, never the key.
    routing_key LowCardinality(String),
    dedup_key String,
    code LowCardinality(String),
    by String,
    via LowCardinality(String),
    reason LowCardinality(String),
    delivery_id String
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
