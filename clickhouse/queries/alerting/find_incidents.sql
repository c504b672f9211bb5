-- The incidents of some pages. A page has one: another row of its key is a retry's, or of an incident that came after it was closed by hand.
SELECT
    dedup_key AS dedupKey,
    incident AS id,
    number,
    url
FROM pagerduty_incidents
WHERE dedup_key IN {keys:Array(String)}
ORDER BY dedup_key, number DESC
LIMIT 1 BY dedup_key
