-- What was decided about the discrepancies of a window, by a rule or by people; of a decision of people one row for each window that it touched.
CREATE TABLE IF NOT EXISTS resolution_decisions
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
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (reconciliation, decision);

-- What a rule had sent again: each decision's discrepancies, so that tries can be counted.
CREATE TABLE IF NOT EXISTS resolution_replays
(
    reconciliation String,
    rule LowCardinality(String),
    decision String,
    key String CODEC(ZSTD(1)),
    stage LowCardinality(String),
    kind LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (reconciliation, rule, decision, key, stage, kind);

-- What people proposed, with their reason. Workflows carry the id alone.
CREATE TABLE IF NOT EXISTS decision_proposals
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
ENGINE = ReplacingMergeTree
ORDER BY decision;

-- What somebody said when they approved or refused.
CREATE TABLE IF NOT EXISTS decision_remarks
(
    remark String,
    decision String,
    text String CODEC(ZSTD(1)),
    by String,
    at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (decision, remark);

-- What became of proposals: each step once.
CREATE TABLE IF NOT EXISTS decision_steps
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
ENGINE = ReplacingMergeTree
ORDER BY (decision, step);

-- What a proposal was found to be about: windows, each with the judgement that was seen.
CREATE TABLE IF NOT EXISTS decision_windows
(
    decision String,
    reconciliation String,
    judgement String,
    revision UInt32,
    discrepancies UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (decision, reconciliation);
