-- What kept alerts of a span quiet, and for how long of it: from when it did until something else did, it let go, somebody answered or the alert was over. What goes on
-- counts until `as_of`. A group counts once.
SELECT
    toString(reason) AS reason,
    by,
    uniqExact(alert_id) AS alerts,
    count() AS holds,
    sum(least(endsAt, {to:Int64}) - greatest(heldAt, {from:Int64})) / 1000000 AS seconds
FROM
(
    SELECT
        alert_id,
        kind,
        reason,
        by,
        heldAt,
        leadInFrame(heldAt, 1, {as_of:Int64}) OVER (
            PARTITION BY alert_id ORDER BY seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS endsAt
    FROM
    (
        SELECT alert_id, seq, kind, reason, by, toUnixTimestamp64Micro(at) AS heldAt
        FROM alert_transitions
        WHERE kind IN ('held', 'released', 'acknowledged', 'snoozed', 'reopened', 'resolved')
            AND alert_id IN
            (
                SELECT alert_id
                FROM alert_transitions
                WHERE kind = 'held' AND at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
            )
            AND alert_id IN
            (
                SELECT alert_id
                FROM alerts
                WHERE ({process:String} = '' OR process = {process:String})
                    AND ({policy:String} = '' OR policy = {policy:String})
            )
        LIMIT 1 BY alert_id, seq
    )
)
WHERE kind = 'held' AND heldAt < {to:Int64} AND endsAt > {from:Int64} AND endsAt > heldAt
GROUP BY reason, by
ORDER BY seconds DESC, reason, by
LIMIT 100
