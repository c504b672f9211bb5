-- Comparisons that were asked for, once each, with the definition as it was then.
CREATE TABLE IF NOT EXISTS comparisons
(
    comparison String,
    -- Empty where the definition came with the request.
    definition LowCardinality(String),
    definition_version UInt32,
    -- ComparisonDefinition of the domain's core, as JSON: names of connections, never addresses or credentials.
    body String CODEC(ZSTD(1)),
    asked_by LowCardinality(String),
    asked_at DateTime64(6, 'UTC'),
    scheduled Bool
)
ENGINE = ReplacingMergeTree
ORDER BY comparison;

-- Segments that were finished. A row is the commit of the differences before it: those count that lie in the lineage of the newest one. An execution that was cut
-- short leaves a segment without its row, and the next execution tells it anew under its own name.
CREATE TABLE IF NOT EXISTS comparison_segments
(
    comparison String,
    asked_at DateTime64(6, 'UTC'),
    execution String,
    segment UInt32,
    -- Executions that told the differences so far, and the last segment of each.
    executions Array(String),
    ends Array(UInt32),
    key_columns Array(String),
    compared_columns Array(String),
    -- ResumePoint of the domain's core, as JSON. Its key is data.
    resume String CODEC(ZSTD(1)),
    -- Of the resume point: what people see while it runs.
    added UInt64,
    removed UInt64,
    changed UInt64,
    same UInt64,
    rows UInt64,
    bytes UInt64,
    seconds Float64
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(asked_at)
ORDER BY (comparison, segment, execution);

-- What differs. Values are canonical texts in the order of the columns that the segment or the result names.
CREATE TABLE IF NOT EXISTS comparison_differences
(
    comparison String,
    asked_at DateTime64(6, 'UTC'),
    execution String,
    segment UInt32,
    ordinal UInt32,
    kind Enum8('added' = 1, 'removed' = 2, 'changed' = 3),
    key Array(Nullable(String)) CODEC(ZSTD(1)),
    -- Empty where the side has no such row.
    source Array(Nullable(String)) CODEC(ZSTD(1)),
    target Array(Nullable(String)) CODEC(ZSTD(1)),
    -- Of what changed: which of the compared columns, by index.
    columns Array(UInt16)
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(asked_at)
ORDER BY (comparison, segment, execution, ordinal);

-- How a comparison ended: one row.
CREATE TABLE IF NOT EXISTS comparison_results
(
    comparison String,
    ended_at DateTime64(6, 'UTC'),
    state LowCardinality(String),
    executions Array(String),
    ends Array(UInt32),
    key_columns Array(String),
    compared_columns Array(String),
    added UInt64,
    removed UInt64,
    changed UInt64,
    same UInt64,
    rows UInt64,
    bytes UInt64,
    seconds Float64,
    -- ComparisonResult of the domain's core, as JSON; empty where it did not come to one.
    result String CODEC(ZSTD(1)),
    failure_code LowCardinality(String),
    failure_detail String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY comparison
-- Inserts carry the comparison as their token: of two executions that end it, the first is kept.
SETTINGS non_replicated_deduplication_window = 10000;
