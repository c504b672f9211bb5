-- What was told of changes of systems (deployments and the like), one row a state of a change; never changed. Of several of one state the first told counts.
CREATE TABLE IF NOT EXISTS changes
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
ENGINE = ReplacingMergeTree
ORDER BY (at, change, state, reported_at);

-- States of changes that PagerDuty has taken: it would show a repeat as another change.
CREATE TABLE IF NOT EXISTS change_announcements
(
    change String,
    state LowCardinality(String),
    announced_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (change, state);
