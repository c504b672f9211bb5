-- How far each source of a stage has come, by the facts that it told of, and when it last sent something. Probes count: a source that has nothing to tell says so by them.
SELECT
    stage,
    source,
    toUnixTimestamp64Micro(max(origin_at)) AS reached,
    toUnixTimestamp64Micro(max(received_at)) AS heardAt
FROM tracking_records
WHERE process = {process:String} AND outcome = 'stored'
GROUP BY process, stage, source, outcome
