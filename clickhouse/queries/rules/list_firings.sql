-- When series of rules fired, as far as it was behind a time. What has not ended goes on.
SELECT
    rule,
    series,
    toUnixTimestamp64Micro(min(begun)) AS firedFrom,
    toUnixTimestamp64Micro(if(max(step) = 'ended', maxIf(at, step = 'ended'), toDateTime64('2200-01-01 00:00:00', 6, 'UTC'))) AS firedTo
FROM rule_alerts
WHERE rule IN {rules:Array(String)}
GROUP BY rule, series, alert
HAVING firedTo > {from:Int64}
ORDER BY rule, series, firedFrom
