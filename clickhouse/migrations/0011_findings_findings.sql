-- What inspections found: a row for each time that one changed; the newest counts. What people did with it is in finding_steps.
CREATE TABLE IF NOT EXISTS findings
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
ENGINE = ReplacingMergeTree(observed_to)
ORDER BY finding;

-- What happened to a finding, by whom ('' for Holdfast): a row for each step, never changed. Its state is what they add up to.
CREATE TABLE IF NOT EXISTS finding_steps
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
ENGINE = ReplacingMergeTree
ORDER BY (finding, at, step, done_by, alert);

-- How far each inspection has come: it goes on behind what was received until then. Before anything of a slice is written it is planned here where that
-- ends, so that a repeat of one that was cut short is the same.
CREATE TABLE IF NOT EXISTS inspection_marks
(
    inspection LowCardinality(String),
    inspected_to DateTime64(6, 'UTC'),
    planned_to DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(inspected_to)
ORDER BY inspection;

-- What is known of the numbers of a source, process and stage: the highest, the lowest, and what is missing between them. The newest row counts.
CREATE TABLE IF NOT EXISTS sequence_states
(
    source LowCardinality(String),
    process LowCardinality(String),
    stage LowCardinality(String),
    -- SequenceState of the domain's core, as JSON.
    state String CODEC(ZSTD(1)),
    inspected_to DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(inspected_to)
ORDER BY (source, process, stage);

-- Records received in each ten minutes; those without any have no row.
CREATE TABLE IF NOT EXISTS arrival_counts
(
    source LowCardinality(String),
    process LowCardinality(String),
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    arrivals UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (source, process, bucket);

-- How far a source's clock was ahead of Holdfast's (negative: behind) in each hour, in microseconds. Measured while the hour lasts: the newest row counts.
CREATE TABLE IF NOT EXISTS clock_skews
(
    source LowCardinality(String),
    hour DateTime('UTC'),
    skew Int64,
    uncertainty UInt64,
    samples UInt64,
    measured_to DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(measured_to)
ORDER BY (source, hour);

-- Inspections read what was received since the last one, and look numbers up: a few bytes for each granule lead them there.
ALTER TABLE tracking_records ADD INDEX IF NOT EXISTS received received_at TYPE minmax GRANULARITY 1;
ALTER TABLE tracking_records ADD INDEX IF NOT EXISTS numbers sequence TYPE minmax GRANULARITY 1;
