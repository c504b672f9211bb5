-- How probes of paths ended, one row a probe; while it is under way, too: the row of its end replaces that.
CREATE TABLE IF NOT EXISTS probes
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
ENGINE = ReplacingMergeTree(ended)
ORDER BY (synthetic, at);

-- Beats of heartbeats, added up: that a retry counts twice does not matter.
CREATE TABLE IF NOT EXISTS heartbeat_beats
(
    heartbeat LowCardinality(String),
    beats SimpleAggregateFunction(sum, UInt64),
    last_at SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY heartbeat;

-- What is known of the silence of each heartbeat, by the last round that looked.
CREATE TABLE IF NOT EXISTS heartbeat_watches
(
    heartbeat LowCardinality(String),
    round UInt64,
    beats UInt64,
    watched_at DateTime64(6, 'UTC'),
    since DateTime64(6, 'UTC'),
    silent_for Int64,
    alert String
)
ENGINE = ReplacingMergeTree(round)
ORDER BY heartbeat;

-- What the self-check wrote last, to be read again.
CREATE TABLE IF NOT EXISTS self_checks
(
    name LowCardinality(String),
    at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY name;
