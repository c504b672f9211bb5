-- Alerts of a span, newest first before a place in that order, with when each was acknowledged, engaged with and resolved first (0: it was not). Groups and tests are no
-- alerts here; what somebody did with a group counts for its members.
SELECT
    a.alert_id AS id,
    a.severity AS severity,
    a.policy AS policy,
    a.process AS process,
    a.source AS source,
    a.raisedAt AS raisedAt,
    -- Clocks differ: nothing happens before the alert.
    if(t.acknowledgedAt = 0, 0, greatest(t.acknowledgedAt, a.raisedAt)) AS acknowledgedAt,
    if(t.resolvedAt = 0, 0, greatest(t.resolvedAt, a.raisedAt)) AS resolvedAt,
    arrayMin(arrayFilter(
        act -> act >= a.raisedAt AND (resolvedAt = 0 OR act <= resolvedAt), g.acts)) AS engagedWithGroupAt,
    multiIf(
        t.engagedAt = 0, engagedWithGroupAt,
        engagedWithGroupAt = 0, greatest(t.engagedAt, a.raisedAt),
        least(engagedWithGroupAt, greatest(t.engagedAt, a.raisedAt))) AS engagedAt,
    t.resolvedReason AS resolvedReason
FROM
(
    SELECT
        alert_id,
        toString(severity) AS severity,
        toString(policy) AS policy,
        toString(process) AS process,
        group_key,
        concat(subject_kind, '/', multiIf(
            subject_kind = 'finding', splitByChar('.', fingerprint)[1],
            subject_kind = 'reconciliation', toString(process),
            subject_id)) AS source,
        toUnixTimestamp64Micro(raised_at) AS raisedAt
    FROM alerts
    WHERE raised_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
        AND raised_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
        AND subject_kind NOT IN ('group', 'test')
        AND ({process:String} = '' OR process = {process:String})
        AND ({policy:String} = '' OR policy = {policy:String})
        AND (toUnixTimestamp64Micro(raised_at), alert_id) < ({before_at:Int64}, {before_id:String})
    ORDER BY raised_at DESC, alert_id DESC
    LIMIT 1 BY alert_id
    LIMIT {limit:UInt32}
) AS a
LEFT JOIN
(
    SELECT
        alert_id,
        toUnixTimestamp64Micro(minIf(at, kind = 'acknowledged')) AS acknowledgedAt,
        toUnixTimestamp64Micro(minIf(at, kind = 'resolved')) AS resolvedAt,
        toString(anyIf(reason, kind = 'resolved')) AS resolvedReason,
        toUnixTimestamp64Micro(minIf(at, by != '' AND kind IN (
            'acknowledged', 'snoozed', 'reopened', 'responders_added', 'severity_changed', 'policy_changed', 'resolved'))) AS engagedAt
    FROM alert_transitions
    WHERE alert_id IN
    (
        SELECT alert_id
        FROM alerts
        WHERE raised_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
            AND raised_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
    )
    GROUP BY alert_id
) AS t ON t.alert_id = a.alert_id
LEFT JOIN
(
    -- What a group's alerts are not told of one by one.
    SELECT substring(alert_id, 1, length(alert_id) - position(reverse(alert_id), '.')) AS group_key,
        groupUniqArray(toUnixTimestamp64Micro(at)) AS acts
    FROM alert_transitions
    WHERE kind IN ('responders_added', 'severity_changed', 'policy_changed')
        AND by != ''
        AND at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
        AND startsWith(alert_id, 'group~')
    GROUP BY group_key
) AS g ON g.group_key = a.group_key
ORDER BY raisedAt DESC, id DESC
