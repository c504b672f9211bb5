-- Alerts, newest first, before a place in that order. A state is what the transitions add up to.
SELECT
    a.alert_id AS id,
    a.fingerprint AS fingerprint,
    a.process AS process,
    a.subject_kind AS subjectKind,
    a.subject_id AS subjectId,
    if(t.severity = '', a.severity, t.severity) AS severity,
    if(t.policy = '', a.policy, t.policy) AS policy,
    if(t.policy = '', a.policy_version, t.policy_version) AS policyVersion,
    a.open AS open,
    a.revision AS revision,
    a.labels AS labels,
    a.group_key AS groupKey,
    a.context AS context,
    toUnixTimestamp64Micro(a.raised_at) AS raisedAt,
    t.begun > 0 AS isBegun,
    t.raised_by AS raisedBy,
    multiIf(t.resolved > 0, 'resolved', t.answer = 'acknowledged', 'acknowledged', t.answer = 'snoozed', 'snoozed', 'open') AS state,
    t.exhausted > 0 AS exhausted,
    t.pages AS pages,
    toUnixTimestamp64Micro(t.acknowledged_at) AS acknowledgedAt,
    t.acknowledged_by AS acknowledgedBy,
    t.acknowledged_via AS acknowledgedVia,
    toUnixTimestamp64Micro(t.snoozed_until) AS snoozedUntil,
    toUnixTimestamp64Micro(t.resolved_at) AS resolvedAt,
    t.resolved_by AS resolvedBy,
    t.resolved_reason AS resolvedReason
FROM
(
    SELECT *
    FROM alerts
    WHERE ({process:String} = '' OR process = {process:String})
        AND ({group:String} = '' OR group_key = {group:String})
        AND (toUnixTimestamp64Micro(raised_at), alert_id) < ({before_at:Int64}, {before_id:String})
    LIMIT 1 BY alert_id
) AS a
LEFT JOIN
(
    SELECT
        alert_id,
        countIf(kind = 'raised') AS begun,
        countIf(kind = 'resolved') AS resolved,
        argMaxIf(kind, seq, kind IN ('acknowledged', 'snoozed', 'reopened')) AS answer,
        countIf(kind = 'exhausted') AS exhausted,
        uniqExactIf(seq, kind = 'paged') AS pages,
        anyIf(by, kind = 'raised') AS raised_by,
        argMaxIf(at, seq, kind = 'acknowledged') AS acknowledged_at,
        argMaxIf(by, seq, kind = 'acknowledged') AS acknowledged_by,
        argMaxIf(via, seq, kind = 'acknowledged') AS acknowledged_via,
        argMaxIf(until, seq, kind = 'snoozed') AS snoozed_until,
        argMaxIf(reason, seq, kind = 'severity_changed') AS severity,
        argMaxIf(reason, seq, kind = 'policy_changed') AS policy,
        argMaxIf(revision, seq, kind = 'policy_changed') AS policy_version,
        anyIf(at, kind = 'resolved') AS resolved_at,
        anyIf(by, kind = 'resolved') AS resolved_by,
        anyIf(reason, kind = 'resolved') AS resolved_reason
    FROM alert_transitions
    GROUP BY alert_id
) AS t ON t.alert_id = a.alert_id
WHERE ({state:String} = '' OR state = {state:String})
    -- Not the alias: that would be the severity with which it was raised.
    AND ({severity:String} = '' OR if(t.severity = '', a.severity, t.severity) = {severity:String})
ORDER BY raisedAt DESC, id DESC
LIMIT {limit:UInt32}
