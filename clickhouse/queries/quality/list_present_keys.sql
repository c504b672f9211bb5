-- Which of these keys are at a stage, whenever they came. Their hours come from the projection by key, their rows from the primary key.
SELECT key
FROM tracking_records
WHERE process = {process:String}
  AND stage = {stage:String}
  AND origin_hour IN
  (
      SELECT toStartOfHour(toDateTime(origin_at, 'UTC'))
      FROM tracking_records
      WHERE process = {process:String} AND key IN {keys:Array(String)}
      GROUP BY process, key, origin_at, origin_from, outcome
  )
  AND key IN {keys:Array(String)}
  AND sign != 0
GROUP BY key
HAVING sum(sign) > 0
