-- The least time from one stage's stamp to the next one's, of keys that were received at both in [from, to), by the pair of sources.
SELECT a.source AS source, b.source AS next, count() AS samples, quantilesExact(0.02, 0.1)(b.occurred - a.occurred) AS ends
FROM
(
    SELECT key, indexOf({stages:Array(String)}, stage) AS place, min(toUnixTimestamp64Micro(occurred_at)) AS occurred, argMin(source, occurred_at) AS source
    FROM tracking_records
    WHERE process = {process:String}
      AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND class NOT IN ('test', 'quarantine')
    GROUP BY key, place
) AS a
INNER JOIN
(
    SELECT key, indexOf({stages:Array(String)}, stage) AS place, min(toUnixTimestamp64Micro(occurred_at)) AS occurred, argMin(source, occurred_at) AS source
    FROM tracking_records
    WHERE process = {process:String}
      AND received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND class NOT IN ('test', 'quarantine')
    GROUP BY key, place
) AS b ON a.key = b.key AND a.place + 1 = b.place
WHERE a.source != b.source AND abs(b.occurred - a.occurred) < 86400000000
GROUP BY source, next
ORDER BY source, next
LIMIT 10000
