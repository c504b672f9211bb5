-- As list_sightings, with the events' data: for rows whose agreed fields were picked by another definition of the process. A row that was restated holds no
-- data of its own; the stored row of its event does, wherever it stands.
SELECT key, stage, max(data) AS data, toUnixTimestamp64Micro(max(occurred_at)) AS occurredAt
FROM
(
    SELECT key, stage, identity, attempt, occurred_at, data, sign, origin_at
    FROM tracking_records
    WHERE process = {process:String}
      AND key IN {keys:Array(String)}
      AND origin_hour IN
      (
          SELECT toStartOfHour(toDateTime(origin_at, 'UTC'))
          FROM tracking_records
          WHERE process = {process:String} AND key IN {keys:Array(String)}
          GROUP BY process, key, origin_at, origin_from, outcome, class
      )
      AND outcome IN ('stored', 'retraction', 'restatement')
)
GROUP BY key, stage, identity, attempt
HAVING sumIf(sign, origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')) > 0
ORDER BY key, stage, identity, attempt
