-- The stewards' queues: what waits, by owner and reason, and since when.
SELECT owner, code, count() AS items, min(receivedAt) AS oldest
FROM
(
    SELECT
        concat(lower(hex(identity)), '-', lower(hex(reinterpretAsFixedString(payload_hash)))) AS item,
        owner,
        tracking_records.reason AS code,
        toUnixTimestamp64Micro(received_at) AS receivedAt
    FROM tracking_records
    WHERE class = 'quarantine' AND outcome = 'quarantined'
) AS records
LEFT ANTI JOIN
(
    SELECT item FROM quarantine_steps WHERE step IN ('released', 'discarded')
) AS left USING (item)
GROUP BY owner, code
ORDER BY owner, code
LIMIT 1000
