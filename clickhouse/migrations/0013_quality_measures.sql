-- What objectives count, by quarter of an hour of arrival: measured once that it is decided, and again with what belongs to the same quarter. Objectives that
-- count the same share it.
CREATE TABLE IF NOT EXISTS objective_measures
(
    -- What is counted, as JSON: the dimension, the process, and its terms.
    measure String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    -- Keys that came in time of keys; microseconds that were fresh of microseconds.
    good UInt64,
    total UInt64,
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY (measure, bucket);

-- What of it is measured: [from, to), without holes. Written behind the measures, so that what was cut short is measured again.
CREATE TABLE IF NOT EXISTS objective_marks
(
    measure String,
    measured_from DateTime64(6, 'UTC'),
    measured_to DateTime64(6, 'UTC'),
    marked_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(marked_at)
ORDER BY measure;

-- Every evaluation of an objective, never changed.
CREATE TABLE IF NOT EXISTS objective_evaluations
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
ENGINE = ReplacingMergeTree
ORDER BY (objective, evaluated_at);

-- Keys by hour of arrival: of each hop those that had come to both its stages, from which hour they had been at the first of them, and how long they took
-- between the two by their own stamps. Where to_stage is empty: keys that came to from_stage. Where both are: keys that were heard of at all. An hour is
-- written in one insert; its rows of the newest measurement count.
CREATE TABLE IF NOT EXISTS kpi_hops
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
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY (process, hour, from_stage, to_stage, from_hour);

-- Up to when arrivals are in the KPIs.
CREATE TABLE IF NOT EXISTS kpi_marks
(
    mark LowCardinality(String),
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY mark;

-- Every comparison of a stage's keys with business data, never changed.
CREATE TABLE IF NOT EXISTS reference_checks
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
ENGINE = ReplacingMergeTree(succeeded)
ORDER BY (reference, checked_at);
