-- Alerts that were open at some time of a span, groups and tests left out, with when they ended (0: they have not).
SELECT
    a.alert_id AS id,
    a.process AS process,
    a.subject_kind AS subjectKind,
    a.severity AS severity,
    a.policy AS policy,
    a.labels AS labels,
    toUnixTimestamp64Micro(a.raised_at) AS raisedAt,
    toUnixTimestamp64Micro(t.resolved_at) AS endedAt
FROM
(
    SELECT *
    FROM alerts
    WHERE subject_kind NOT IN ('group', 'test') AND raised_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
    LIMIT 1 BY alert_id
) AS a
LEFT JOIN
(
    SELECT alert_id, any(at) AS resolved_at
    FROM alert_transitions
    WHERE kind = 'resolved'
    GROUP BY alert_id
) AS t ON t.alert_id = a.alert_id
WHERE endedAt = 0 OR endedAt > {from:Int64}
ORDER BY raisedAt DESC, id DESC
LIMIT {limit:UInt32}
