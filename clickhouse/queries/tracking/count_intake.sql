-- The account by source and process: every record that was received in [from, to), whole seconds, by outcome; from its projection.
SELECT
    source,
    process,
    countIf(outcome = 'stored') AS stored,
    countIf(outcome = 'duplicate') AS duplicate,
    countIf(outcome = 'conflict') AS conflict,
    countIf(outcome = 'rejected') AS rejected
FROM
(
    SELECT source, process, outcome, reason
    FROM tracking_records
    WHERE toStartOfSecond(received_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND toStartOfSecond(received_at) < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND ({source:String} = '' OR source = {source:String})
      AND outcome IN ('stored', 'duplicate', 'conflict', 'rejected')
)
GROUP BY source, process
ORDER BY source, process
LIMIT 10000
