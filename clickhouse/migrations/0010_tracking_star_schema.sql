-- Views for people who analyse, by tools that connect to ClickHouse; no query of Holdfast reads them. None shows what a sender's data held: keys, hashes and
-- times alone. docs/guides/analytics.md has every column. Each view reads tables alone, so that the order in which they are made does not matter.

-- Every row of the log as it was received, corrections too. Records of one insert have the same time of receipt; their order among each other is not kept.
CREATE VIEW IF NOT EXISTS transaction_log AS
SELECT
    received_at,
    first_received_at,
    source,
    process,
    stage,
    key,
    id,
    attempt,
    type,
    outcome,
    reason,
    field,
    occurred_at,
    occurred_text,
    occurred_note,
    origin_at,
    origin_from,
    origin_text,
    origin_note,
    correlation_id,
    sequence,
    status,
    class,
    test,
    manual,
    synthetic,
    sign,
    digest,
    definition,
    lower(hex(identity)) AS identity,
    lower(hex(reinterpretAsFixedString(payload_hash))) AS payload_hash,
    if(data = '', '', lower(hex(SHA256(data)))) AS data_hash,
    length(data) AS data_bytes,
    contract_version,
    weight,
    categories,
    sensitivity,
    owner,
    form
FROM tracking_records
ORDER BY received_at, process, origin_hour, key, stage, source, id, attempt, outcome, sign;

-- One row for each event that counts now: its highest attempt, where its origin is known to be now. Rows that take back and rows that were taken back have the
-- same values in all of these columns, so that they are no group.
CREATE VIEW IF NOT EXISTS fact_events AS
SELECT
    process,
    stage,
    source,
    type AS event_type,
    contract_version,
    origin_hour,
    toStartOfHour(toDateTime(any(tracking_records.occurred_at), 'UTC')) AS occurred_hour,
    key,
    origin_at,
    origin_from,
    any(tracking_records.occurred_at) AS occurred_at,
    first_received_at AS received_at,
    any(tracking_records.id) AS event_id,
    attempt,
    lower(hex(identity)) AS event_identity,
    manual,
    definition,
    -- What the events that were kept stand for, where a share was: sums of it are unbiased.
    sum(sign * weight) AS weighted_events,
    sum(sign) AS events,
    sum(digest) AS digest_sum,
    dateDiff('millisecond', origin_at, any(tracking_records.occurred_at)) AS lag_ms
FROM tracking_records
WHERE sign != 0
GROUP BY process, origin_hour, key, stage, source, type, contract_version, origin_at, origin_from, first_received_at, attempt, identity, manual, definition
HAVING sum(sign) > 0;

-- Every revision of a window's verdict; is_newest marks the one that stands.
CREATE VIEW IF NOT EXISTS fact_windows AS
SELECT
    w.process AS process,
    v.process_version AS process_version,
    v.reconciliation AS reconciliation,
    v.revision AS revision,
    v.revision = newest AS is_newest,
    toStartOfHour(toDateTime(w.window_from, 'UTC')) AS from_hour,
    toStartOfHour(toDateTime(v.judged_at, 'UTC')) AS judged_hour,
    w.window_from AS window_from,
    w.window_to AS window_to,
    w.scheduled AS scheduled,
    v.judged_at AS judged_at,
    v.state AS state,
    v.depth AS depth,
    v.stage_counts AS stage_counts,
    v.kinds['missing'] AS missing,
    v.kinds['duplicate'] AS duplicate,
    v.kinds['mutated'] AS mutated,
    v.kinds['late'] AS late,
    v.kinds['orphan'] AS orphan,
    v.open AS open,
    v.accepted AS accepted,
    v.judgement AS judgement
FROM verdicts AS v FINAL
INNER JOIN
(
    SELECT reconciliation, any(windows.process) AS process, any(windows.window_from) AS window_from, any(windows.window_to) AS window_to,
           argMin(windows.scheduled, opened_at) AS scheduled
    FROM windows
    GROUP BY reconciliation
) AS w ON v.reconciliation = w.reconciliation
INNER JOIN
(
    SELECT reconciliation, max(revision) AS newest FROM verdicts GROUP BY reconciliation
) AS n ON v.reconciliation = n.reconciliation;

-- Every discrepancy of every judgement that a verdict names, once, under the newest revision that does. What was expected and found is not shown.
CREATE VIEW IF NOT EXISTS fact_discrepancies AS
SELECT
    v.process AS process,
    v.process_version AS process_version,
    d.stage AS stage,
    d.reconciliation AS reconciliation,
    d.judgement AS judgement,
    v.revision AS revision,
    v.revision = v.newest AS is_newest,
    v.from_hour AS from_hour,
    d.judged_at AS judged_at,
    d.key AS key,
    d.kind AS kind,
    d.hop AS hop,
    d.field AS field,
    a.acceptance AS acceptance,
    multiIf(d.kind = 'late', 'told', a.acceptance != '', 'accepted', 'open') AS standing
FROM discrepancies AS d FINAL
INNER JOIN
(
    SELECT
        verdicts.reconciliation AS reconciliation,
        verdicts.judgement AS judgement,
        max(verdicts.revision) AS revision,
        argMax(verdicts.process_version, verdicts.revision) AS process_version,
        any(w.process) AS process,
        any(w.from_hour) AS from_hour,
        any(n.newest) AS newest
    FROM verdicts
    INNER JOIN
    (
        SELECT reconciliation, any(windows.process) AS process, toStartOfHour(toDateTime(any(window_from), 'UTC')) AS from_hour FROM windows GROUP BY reconciliation
    ) AS w ON verdicts.reconciliation = w.reconciliation
    INNER JOIN
    (
        SELECT reconciliation, max(revision) AS newest FROM verdicts GROUP BY reconciliation
    ) AS n ON verdicts.reconciliation = n.reconciliation
    GROUP BY verdicts.reconciliation, verdicts.judgement
) AS v ON d.reconciliation = v.reconciliation AND d.judgement = v.judgement
LEFT JOIN
(
    SELECT reconciliation, key, stage, kind, fact, any(acceptances.acceptance) AS acceptance FROM acceptances GROUP BY reconciliation, key, stage, kind, fact
) AS a ON d.reconciliation = a.reconciliation AND d.key = a.key AND d.stage = a.stage AND d.kind = a.kind AND d.fact = a.fact;

-- Dimensions over the register: a row for each version of a document, valid from its change until the next one. (id, version) and (id, valid_from) are unique.
CREATE VIEW IF NOT EXISTS dim_process AS
SELECT
    id AS process,
    version,
    changed_at AS valid_from,
    lagInFrame(changed_at, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
    row_number() OVER newer = 1 AS is_current,
    changed_by,
    JSONExtractString(body, 'description') AS description,
    JSONExtractString(body, 'cardinality') AS cardinality,
    if(JSONExtractString(body, 'retentionClass') = '', 'standard', JSONExtractString(body, 'retentionClass')) AS retention_class,
    JSONExtractUInt(body, 'graceSeconds') AS grace_seconds,
    JSONExtractUInt(body, 'window', 'seconds') AS window_seconds,
    JSONExtractBool(body, 'window', 'scheduled') AS is_scheduled,
    JSONExtractString(body, 'escalationPolicy') AS escalation_policy,
    JSONLength(body, 'stages') AS stages
FROM documents FINAL
WHERE kind = 'process'
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE VIEW IF NOT EXISTS dim_stage AS
SELECT
    process,
    version,
    JSONExtractString(one, 'id') AS stage,
    position,
    JSONExtractString(one, 'role') AS role,
    position = stages AS is_last,
    valid_from,
    valid_to,
    is_current
FROM
(
    SELECT
        id AS process,
        version,
        changed_at AS valid_from,
        lagInFrame(changed_at, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
        row_number() OVER newer = 1 AS is_current,
        JSONExtractArrayRaw(body, 'stages') AS bodies,
        length(bodies) AS stages
    FROM documents FINAL
    WHERE kind = 'process'
    WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
ARRAY JOIN bodies AS one, arrayEnumerate(bodies) AS position;

-- Sources and event types need no document: version 0 is what they are before there is one.
CREATE VIEW IF NOT EXISTS dim_source AS
SELECT
    id AS source,
    version,
    since AS valid_from,
    lagInFrame(since, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
    row_number() OVER newer = 1 AS is_current,
    JSONExtractString(body, 'description') AS description,
    JSONExtractString(body, 'owner') AS owner,
    JSONExtractString(body, 'steward') AS steward
FROM
(
    SELECT id, version, changed_at AS since, body FROM documents FINAL WHERE kind = 'source'
    UNION ALL
    SELECT DISTINCT id, toUInt32(0), toDateTime64(0, 6, 'UTC'), ''
    FROM (SELECT id FROM documents WHERE kind = 'source' UNION ALL SELECT toString(source) FROM tracking_records GROUP BY source)
)
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

CREATE VIEW IF NOT EXISTS dim_event_type AS
SELECT
    id AS event_type,
    version AS contract_version,
    since AS valid_from,
    lagInFrame(since, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC')) OVER newer AS valid_to,
    row_number() OVER newer = 1 AS is_current,
    JSONExtractString(body, 'description') AS description,
    JSONExtractString(body, 'owner') AS owner,
    JSONExtractString(body, 'steward') AS steward,
    JSONExtractString(body, 'enforcement') AS enforcement
FROM
(
    SELECT id, version, changed_at AS since, body FROM documents FINAL WHERE kind = 'contract'
    UNION ALL
    SELECT DISTINCT id, toUInt32(0), toDateTime64(0, 6, 'UTC'), ''
    FROM (SELECT id FROM documents WHERE kind = 'contract' UNION ALL SELECT toString(type) FROM tracking_records WHERE sign != 0 GROUP BY type)
)
WINDOW newer AS (PARTITION BY id ORDER BY version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- The hours of the years 2000 to 2099, in UTC.
CREATE VIEW IF NOT EXISTS dim_time AS
SELECT
    toDateTime(946684800 + number * 3600, 'UTC') AS hour,
    toDate(hour) AS date,
    toHour(hour) AS hour_of_day,
    toDayOfWeek(hour) AS day_of_week,
    toISOWeek(hour) AS iso_week,
    toISOYear(hour) AS iso_year,
    toMonth(hour) AS month,
    toQuarter(hour) AS quarter,
    toYear(hour) AS year
FROM numbers(876600);
