-- What a responder did with a group, told of each of its alerts that was open then. A repeat writes the same rows: the group's numbers are the members', moved by one.
INSERT INTO alert_transitions (alert_id, seq, kind, at, by, via, reason, code, until)
SELECT
    alert_id,
    {seq:UInt32},
    {kind:String},
    fromUnixTimestamp64Micro({at:Int64}, 'UTC'),
    {by:String},
    {via:String},
    {reason:String},
    {code:String},
    fromUnixTimestamp64Micro({until:Int64}, 'UTC')
FROM
(
    SELECT DISTINCT alert_id
    FROM alerts
    WHERE group_key = {group:String} AND raised_at <= fromUnixTimestamp64Micro({at:Int64}, 'UTC')
)
WHERE alert_id NOT IN
(
    SELECT alert_id
    FROM alert_transitions
    WHERE kind = 'resolved'
        AND alert_id IN (SELECT alert_id FROM alerts WHERE group_key = {group:String})
)
