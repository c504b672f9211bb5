-- Alerts that are not resolved, groups and tests left out, with the oldest first: of a storm, what it came of.
SELECT
    alert_id AS id,
    process,
    subject_kind AS subjectKind,
    severity,
    policy,
    labels,
    toUnixTimestamp64Micro(raised_at) AS raisedAt
FROM
(
    SELECT *
    FROM alerts
    WHERE subject_kind NOT IN ('group', 'test')
    LIMIT 1 BY alert_id
)
WHERE alert_id NOT IN (SELECT alert_id FROM alert_transitions WHERE kind = 'resolved')
ORDER BY raisedAt, id
LIMIT {limit:UInt32}
