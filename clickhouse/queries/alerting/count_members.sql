-- How many alerts of a group are not resolved, and when the newest of them was raised.
SELECT
    count() AS open,
    toUnixTimestamp64Micro(max(raised_at)) AS newestAt
FROM
(
    SELECT alert_id, raised_at
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
