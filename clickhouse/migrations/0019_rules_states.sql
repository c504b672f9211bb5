-- What every series of every rule is at. A round writes all of them in one insert, with a row for itself whose rule is ''; what the last round did not write is
-- no more. Inserts carry the round's number as their token: of two that make the same round, the first is kept.
CREATE TABLE IF NOT EXISTS rule_states
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
ENGINE = ReplacingMergeTree(round)
ORDER BY (rule, series)
SETTINGS non_replicated_deduplication_window = 1000;

-- Every firing that was told, and that it is over: never changed.
CREATE TABLE IF NOT EXISTS rule_alerts
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
ENGINE = ReplacingMergeTree
ORDER BY (rule, alert, step);
