-- How often alerts of a fingerprint were raised from a time on.
SELECT uniqExact(alert_id) AS raised
FROM alerts
WHERE fingerprint = {fingerprint:String} AND raised_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
