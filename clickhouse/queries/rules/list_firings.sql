-- When series of rules fired, as far as it was behind a time. What has not ended goes on.
SELECT
    rule,
    anyIf(series, step = 'raised') AS series,
    toUnixTimestamp64Micro(minIf(begun, step = 'raised')) AS firedFrom,
    toUnixTimestamp64Micro(if(max(step) = 'ended', minIf(at, step = 'ended'), toDateTime64('2200-01-01 00:00:00', 6, 'UTC'))) AS firedTo
FROM rule_alerts
WHERE rule IN {rules:Array(String)}
GROUP BY rule, alert
HAVING firedTo > {from:Int64} AND countIf(step = 'raised') > 0
ORDER BY rule, firedFrom
