-- How far each source of a stage has come, by the facts that it told of, and when it last sent something. Probes count: a source that has nothing to tell says so by them.
-- But not those that Holdfast sends in its place: they say nothing of how far it has come.
SELECT
    stage,
    source,
    toUnixTimestamp64Micro(max(origin_at)) AS reached,
    toUnixTimestamp64Micro(max(received_at)) AS heardAt
FROM tracking_records
WHERE process = {process:String} AND outcome = 'stored' AND source != 'holdfast-synthetics'
GROUP BY process, stage, source, outcome
