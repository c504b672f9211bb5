-- How often alerts of a fingerprint were raised from a time on. One that was raised in the place of a lesser one (`<its id>~<n>`) is the same raise.
SELECT uniqExact(replaceRegexpOne(alert_id, '~[0-9a-z]+$', '')) AS raised
FROM alerts
WHERE fingerprint = {fingerprint:String} AND raised_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
