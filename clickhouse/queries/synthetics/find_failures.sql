-- The last probes of a synthetic transaction that failed in a row, up to a time: how many, the first and the last of them; of none, no row.
WITH ended AS
(
    SELECT at, state
    FROM probes FINAL
    WHERE synthetic = {synthetic:String} AND at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC') AND state != 'under_way'
),
    (SELECT max(at) FROM ended WHERE state = 'broken') AS last_broken,
    (SELECT max(at) FROM ended WHERE state = 'passed' AND at < last_broken) AS passed_before
SELECT
    count() AS failures,
    toUnixTimestamp64Micro(min(at)) AS first,
    toUnixTimestamp64Micro(max(at)) AS last
FROM ended
WHERE state = 'broken' AND at > passed_before AND at <= last_broken
HAVING failures > 0
