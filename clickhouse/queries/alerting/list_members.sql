-- Alerts of a group that are not resolved, with the oldest first.
SELECT
    alert_id AS id,
    fingerprint,
    process,
    subject_kind AS subjectKind,
    severity,
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
)
WHERE alert_id NOT IN
(
    SELECT alert_id
    FROM alert_transitions
    WHERE kind = 'resolved'
        AND alert_id IN (SELECT alert_id FROM alerts WHERE group_key = {group:String})
)
ORDER BY raisedAt, id
LIMIT {limit:UInt32}
