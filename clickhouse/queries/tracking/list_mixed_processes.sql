-- Processes some of whose events did not carry their origin: only there can a key's origin change.
SELECT DISTINCT process
FROM tracking_records
WHERE origin_from != 'event' AND outcome = 'stored'
