-- The account by source and process: every record that was first received in [from, to), whole seconds, by outcome; from its projection. What has left
-- quarantine is counted as what became of it: of each month by itself, since where its partition was dropped nothing is left to take away from. Probes that Holdfast
-- sends by itself are in it only where their source is asked for.
SELECT
    source,
    process,
    sum(stored) AS stored,
    sum(duplicate) AS duplicate,
    sum(conflict) AS conflict,
    sum(greatest(kept - released, 0)) AS quarantined,
    sum(rejected) AS rejected,
    sum(sampledOut) AS sampledOut
FROM
(
    SELECT
        source,
        process,
        sumIf(records, outcome = 'stored') AS stored,
        sumIf(records, outcome = 'duplicate') AS duplicate,
        sumIf(records, outcome = 'conflict') AS conflict,
        toInt64(sumIf(records, outcome = 'quarantined')) AS kept,
        toInt64(sumIf(records, outcome = 'released')) AS released,
        sumIf(records, outcome = 'rejected') AS rejected,
        sumIf(records, outcome = 'sampled_out') AS sampledOut
    FROM
    (
        SELECT source, process, toYYYYMM(toStartOfSecond(first_received_at)) AS month, outcome, count() AS records
        FROM tracking_records
        WHERE toStartOfSecond(first_received_at) >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
          AND toStartOfSecond(first_received_at) < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
          AND (source = {source:String} OR ({source:String} = '' AND source != 'holdfast-synthetics'))
          AND outcome NOT IN ('retraction', 'restatement')
        GROUP BY source, process, month, outcome
    )
    GROUP BY source, process, month
)
GROUP BY source, process
ORDER BY source, process
LIMIT 10000
