-- The account by source and process: every record that was first received in [from, to), whole seconds, by outcome; from its projection. What has left
-- quarantine is counted as what became of it.
SELECT
    source,
    process,
    countIf(outcome = 'stored') AS stored,
    countIf(outcome = 'duplicate') AS duplicate,
    countIf(outcome = 'conflict') AS conflict,
    toInt64(countIf(outcome = 'quarantined')) - toInt64(countIf(outcome = 'released')) AS quarantined,
    countIf(outcome = 'rejected') AS rejected,
    countIf(outcome = 'sampled_out') AS sampledOut
FROM
(
    SELECT source, process, outcome, reason
    FROM tracking_records
    WHERE toStartOfSecond(first_received_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND toStartOfSecond(first_received_at) < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND ({source:String} = '' OR source = {source:String})
      AND outcome NOT IN ('retraction', 'restatement')
)
GROUP BY source, process
ORDER BY source, process
LIMIT 10000
