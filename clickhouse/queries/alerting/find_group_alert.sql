-- The newest alert that stands for a group.
SELECT alert_id AS id
FROM alerts
WHERE fingerprint = {group:String} AND subject_kind = 'group'
ORDER BY raised_at DESC, alert_id DESC
LIMIT 1
