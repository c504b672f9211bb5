-- Processes that said since a time that they run, and have not said that they end.
SELECT release, place, toUnixTimestamp64Milli(max(seen_at)) AS seen
FROM
(
    SELECT instance, argMax(release, schema_readers.at) AS release, argMax(place, schema_readers.at) AS place,
           argMax(state, schema_readers.at) AS last, max(schema_readers.at) AS seen_at
    FROM schema_readers
    GROUP BY instance
)
WHERE last = 'running' AND seen_at >= fromUnixTimestamp64Milli({since:Int64})
GROUP BY release, place
ORDER BY seen, release, place
