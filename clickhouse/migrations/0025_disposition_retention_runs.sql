-- Runs of retention: who asked for them. What they did, step by step, is in saga_journal under the run's id.
CREATE TABLE IF NOT EXISTS retention_runs
(
    run String,
    is_dry_run Bool,
    requested_by String,
    requested_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (requested_at, run);

-- What a run found that it should do: the row is the commit of its lots, the newest counts.
CREATE TABLE IF NOT EXISTS retention_plans
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
ENGINE = ReplacingMergeTree(planned_at)
ORDER BY run;

-- What a plan does with a partition of the records.
CREATE TABLE IF NOT EXISTS retention_lots
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
ENGINE = ReplacingMergeTree
PARTITION BY substring(plan, 1, 7)
ORDER BY (plan, lot);

-- Records of a partition by what policies go by, and where they are to be: what a purge takes, and what it leaves.
CREATE TABLE IF NOT EXISTS retention_groups
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
ENGINE = MergeTree
PARTITION BY substring(plan, 1, 7)
ORDER BY (plan, partition, tier);

-- Events that policies count time from and that have left the store, or are about to: of a key, the last day of each.
CREATE TABLE IF NOT EXISTS retention_starts
(
    process LowCardinality(String),
    key String CODEC(ZSTD(1)),
    type LowCardinality(String),
    stage LowCardinality(String),
    -- Days since 1970.
    happened UInt32
)
ENGINE = ReplacingMergeTree(happened)
ORDER BY (process, key, type, stage);

-- What became of the lots of a run.
CREATE TABLE IF NOT EXISTS retention_outcomes
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
ENGINE = ReplacingMergeTree
ORDER BY (run, lot, state);

-- Certificates of what was done away with: signed, and entered into the audit log.
CREATE TABLE IF NOT EXISTS retention_certificates
(
    certificate String,
    run String,
    -- JSON Web Signature, compact.
    document String CODEC(ZSTD(3)),
    -- The entry of the audit log.
    sequence UInt64,
    issued_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(issued_at)
ORDER BY certificate;
