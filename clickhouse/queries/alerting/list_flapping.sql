-- Fingerprints that were raised often within an hour of a span, with the most raises that one hour had.
SELECT
    fingerprint,
    toString(any(process)) AS process,
    count() AS raised,
    max(inAnHour) AS mostInAnHour
FROM
(
    SELECT
        fingerprint,
        process,
        count() OVER (PARTITION BY fingerprint ORDER BY raisedMs RANGE BETWEEN 3600000 PRECEDING AND CURRENT ROW) AS inAnHour
    FROM
    (
        SELECT fingerprint, process, toUnixTimestamp64Milli(raised_at) AS raisedMs
        FROM alerts
        WHERE raised_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
            AND raised_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
            AND subject_kind NOT IN ('group', 'test')
            AND ({process:String} = '' OR process = {process:String})
            AND ({policy:String} = '' OR policy = {policy:String})
        LIMIT 1 BY alert_id
    )
)
GROUP BY fingerprint
HAVING mostInAnHour >= {least:UInt32}
ORDER BY mostInAnHour DESC, raised DESC, fingerprint
LIMIT 100
