-- One alert with the state that its transitions add up to.
SELECT
    a.alert_id AS id,
    a.fingerprint AS fingerprint,
    a.process AS process,
    a.subject_kind AS subjectKind,
    a.subject_id AS subjectId,
    a.severity AS severity,
    a.policy AS policy,
    a.policy_version AS policyVersion,
    a.open AS open,
    a.revision AS revision,
    toUnixTimestamp64Micro(a.raised_at) AS raisedAt,
    t.raised_by AS raisedBy,
    multiIf(t.resolved > 0, 'resolved', t.acknowledged > 0, 'acknowledged', 'open') AS state,
    t.exhausted > 0 AS exhausted,
    t.pages AS pages,
    toUnixTimestamp64Micro(t.acknowledged_at) AS acknowledgedAt,
    t.acknowledged_by AS acknowledgedBy,
    t.acknowledged_via AS acknowledgedVia,
    toUnixTimestamp64Micro(t.resolved_at) AS resolvedAt,
    t.resolved_by AS resolvedBy,
    t.resolved_reason AS resolvedReason
FROM
(
    SELECT *
    FROM alerts
    WHERE alert_id = {id:String}
    LIMIT 1
) AS a
LEFT JOIN
(
    SELECT
        alert_id,
        countIf(kind = 'resolved') AS resolved,
        countIf(kind = 'acknowledged') AS acknowledged,
        countIf(kind = 'exhausted') AS exhausted,
        uniqExactIf(seq, kind = 'paged') AS pages,
        anyIf(by, kind = 'raised') AS raised_by,
        anyIf(at, kind = 'acknowledged') AS acknowledged_at,
        anyIf(by, kind = 'acknowledged') AS acknowledged_by,
        anyIf(via, kind = 'acknowledged') AS acknowledged_via,
        anyIf(at, kind = 'resolved') AS resolved_at,
        anyIf(by, kind = 'resolved') AS resolved_by,
        anyIf(reason, kind = 'resolved') AS resolved_reason
    FROM alert_transitions
    WHERE alert_id = {id:String}
    GROUP BY alert_id
) AS t ON t.alert_id = a.alert_id
