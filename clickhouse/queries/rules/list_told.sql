-- Alerts that were told and are not over, and of those that fire whether they were told.
SELECT alert, max(step = 'ended') AS isEnded
FROM rule_alerts
GROUP BY alert
HAVING NOT isEnded OR alert IN {firing:Array(String)}
