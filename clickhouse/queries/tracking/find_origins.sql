-- Origins that the events of these keys have, tests and probes apart, from the projection that is ordered by key.
SELECT key, toUnixTimestamp64Micro(origin_at) AS originAt, origin_from AS originFrom
FROM tracking_records
WHERE process = {process:String} AND key IN {keys:Array(String)} AND outcome = 'stored' AND class != 'test'
GROUP BY process, key, origin_at, origin_from, outcome, class
