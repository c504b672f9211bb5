-- Alerts of a group that are not resolved, with the oldest first.
SELECT
    a.alert_id AS id,
    fingerprint,
    process,
    subject_kind AS subjectKind,
    if(changed.severity = '', a.severity, changed.severity) AS severity,
    policy,
    labels,
    toUnixTimestamp64Micro(raised_at) AS raisedAt,
    context
FROM
(
    SELECT *
    FROM alerts
    WHERE group_key = {group:String}
    LIMIT 1 BY alert_id
) AS a
LEFT JOIN
(
    SELECT alert_id, argMax(reason, seq) AS severity
    FROM alert_transitions
    WHERE kind = 'severity_changed'
        AND alert_id IN (SELECT alert_id FROM alerts WHERE group_key = {group:String})
    GROUP BY alert_id
) AS changed ON changed.alert_id = a.alert_id
WHERE a.alert_id NOT IN
(
    SELECT alert_id
    FROM alert_transitions
    WHERE kind = 'resolved'
        AND alert_id IN (SELECT alert_id FROM alerts WHERE group_key = {group:String})
)
ORDER BY raisedAt, id
LIMIT {limit:UInt32}
