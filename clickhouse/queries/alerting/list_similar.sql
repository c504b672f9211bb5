-- Alerts of the same kind about the same process that were raised before one, newest first, with how they ended.
WITH similar AS
(
    SELECT alert_id, raised_at
    FROM alerts
    WHERE process = {process:String}
        AND subject_kind = {subject:String}
        AND alert_id != {id:String}
        AND raised_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')
        AND raised_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
        AND ({fingerprint:String} = '' OR fingerprint = {fingerprint:String})
    ORDER BY raised_at DESC, alert_id DESC
    LIMIT 1 BY alert_id
    LIMIT {limit:UInt32}
)
SELECT
    a.alert_id AS id,
    toUnixTimestamp64Micro(a.raised_at) AS raisedAt,
    toUnixTimestamp64Micro(t.resolved_at) AS resolvedAt,
    t.reason AS reason
FROM similar AS a
LEFT JOIN
(
    SELECT alert_id, any(at) AS resolved_at, any(reason) AS reason
    FROM alert_transitions
    WHERE kind = 'resolved' AND alert_id IN (SELECT alert_id FROM similar)
    GROUP BY alert_id
) AS t ON t.alert_id = a.alert_id
ORDER BY raisedAt DESC, id DESC
