-- Legal holds: one row a version, never changed. What holds now is the newest version of each. Restores write into side tables and never here (docs/adr/0027).
CREATE TABLE IF NOT EXISTS holds
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
ENGINE = ReplacingMergeTree
ORDER BY (hold, version);

-- What holds by key or subject hold: looked up, and written before the version that makes them count. Of a subject the process is ''.
CREATE TABLE IF NOT EXISTS hold_names
(
    process LowCardinality(String),
    name String CODEC(ZSTD(1)),
    hold String,
    version UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (process, name, hold, version);

-- Custodians who said that they know of a hold.
CREATE TABLE IF NOT EXISTS hold_acknowledgements
(
    hold String,
    custodian String,
    acknowledged_at DateTime64(6, 'UTC'),
    via LowCardinality(String),
    acknowledged_by String
)
ENGINE = ReplacingMergeTree
ORDER BY (hold, custodian, acknowledged_at);

-- Notices that went out, by the round: a repeat of it sends nothing.
CREATE TABLE IF NOT EXISTS hold_notices
(
    hold String,
    custodian String,
    round UInt32,
    kind LowCardinality(String),
    outcome LowCardinality(String),
    sent_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(sent_at)
ORDER BY (hold, custodian, kind, round);

-- What was about to be deleted, and how that ended: one row a step.
CREATE TABLE IF NOT EXISTS deletion_intents
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
ENGINE = ReplacingMergeTree
ORDER BY (intent, step);

-- Keys of a partition that are held, found before a deletion: `finding` names when. Not a record of anything: made again for each deletion.
CREATE TABLE IF NOT EXISTS held_keys
(
    finding String,
    process LowCardinality(String),
    key String CODEC(ZSTD(1)),
    found_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(found_at)
ORDER BY (finding, process, key);

-- What somebody said who changes a hold: new terms, and why. Workflows carry its id.
CREATE TABLE IF NOT EXISTS hold_proposals
(
    proposal String,
    hold String,
    terms String CODEC(ZSTD(3)),
    reason String CODEC(ZSTD(1)),
    proposed_by String,
    proposed_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY proposal;
