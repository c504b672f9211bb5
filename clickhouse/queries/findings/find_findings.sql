-- These findings, as they stand.
SELECT
    f.finding AS id,
    f.kind AS kind,
    f.source AS source,
    f.process AS process,
    f.stage AS stage,
    f.severity AS severity,
    s.state AS state,
    f.from_number AS fromNumber,
    f.to_number AS toNumber,
    toUnixTimestamp64Micro(f.from_at) AS fromAt,
    toUnixTimestamp64Micro(f.to_at) AS toAt,
    f.cases AS measuredCases,
    f.measures AS measures,
    s.cases AS cases,
    s.amount AS amount,
    s.currency AS currency,
    if(s.owner = '', f.owner, s.owner) AS owner,
    f.subject AS subject,
    f.policy AS policy,
    s.occurrences AS occurrences,
    s.alerted AS alerted,
    s.ended AS ended,
    s.changed_by AS changedBy,
    toUnixTimestamp64Micro(s.changed_at) AS changedAt,
    toUnixTimestamp64Micro(f.found_at) AS foundAt,
    toUnixTimestamp64Micro(f.observed_to) AS observedTo
FROM
(
    SELECT *
    FROM findings
    WHERE finding IN {findings:Array(String)}
    ORDER BY observed_to DESC
    LIMIT 1 BY finding
) AS f
INNER JOIN
(
    SELECT
        finding,
        argMaxIf(multiIf(step IN ('found', 'reopened'), 'open', toString(step)), (at, step), step <= 'accepted') AS state,
        argMaxIf(done_by, (at, step), step <= 'accepted') AS changed_by,
        maxIf(at, step <= 'accepted') AS changed_at,
        -- Found by an inspection that was cut short, and again by its repeat, it was found once.
        1 + uniqExactIf(at, step = 'reopened') AS occurrences,
        argMaxIf(finding_steps.owner, at, finding_steps.owner != '') AS owner,
        argMaxIf(finding_steps.cases, at, finding_steps.cases IS NOT NULL) AS cases,
        argMaxIf(finding_steps.amount, at, finding_steps.amount != '') AS amount,
        argMaxIf(finding_steps.currency, at, finding_steps.amount != '') AS currency,
        groupUniqArrayIf(alert, step = 'alerted') AS alerted,
        groupUniqArrayIf(alert, step = 'alert_ended') AS ended
    FROM finding_steps
    WHERE finding IN {findings:Array(String)}
    GROUP BY finding
) AS s ON s.finding = f.finding
