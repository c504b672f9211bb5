-- Pages of a span that a channel accepted, those of tests left out, by person and time. A page that was for nobody in particular has no person.
SELECT toString(person) AS person, toUnixTimestamp64Micro(at) AS at
FROM
(
    SELECT alert_id, seq, person, at
    FROM alert_transitions
    WHERE kind = 'paged'
        AND at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
        AND at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
        AND alert_id IN
        (
            SELECT alert_id
            FROM alerts
            WHERE subject_kind != 'test'
                AND ({process:String} = '' OR process = {process:String})
                AND ({policy:String} = '' OR policy = {policy:String})
        )
    LIMIT 1 BY alert_id, seq
)
ORDER BY person, at
