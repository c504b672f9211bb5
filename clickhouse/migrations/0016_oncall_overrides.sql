-- Overrides of on-call schedules, never changed.
CREATE TABLE IF NOT EXISTS on_call_overrides
(
    schedule LowCardinality(String),
    override String,
    person LowCardinality(String),
    from_at DateTime64(6, 'UTC'),
    to_at DateTime64(6, 'UTC'),
    reason String CODEC(ZSTD(1)),
    made_by String,
    made_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (schedule, from_at, override);

-- Who withdrew an override; the first one counts.
CREATE TABLE IF NOT EXISTS on_call_withdrawals
(
    schedule LowCardinality(String),
    override String,
    withdrawn_by String,
    withdrawn_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (schedule, override, withdrawn_at);
