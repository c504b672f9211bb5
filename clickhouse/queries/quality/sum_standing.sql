-- Of keys that came to a stage in the hours of [from, to): how many did, how many have gone on to another since, and the ages at `asOf` of those that have not, in seconds,
-- as percentiles weighted by how many there are, and as counts of those younger than an hour, four, a day, a week, and older.
SELECT
    sum(came) AS came,
    sum(gone) AS gone,
    quantilesExactWeighted(0.5, 0.75, 0.9, 0.95, 0.99)(age, waiting) AS ages,
    [sumIf(waiting, age <= 3600), sumIf(waiting, age > 3600 AND age <= 14400), sumIf(waiting, age > 14400 AND age <= 86400), sumIf(waiting, age > 86400 AND age <= 604800), sumIf(waiting, age > 604800)] AS byAge,
    maxIf(age, waiting > 0) AS oldest
FROM
(
    SELECT
        from_hour,
        sumIf(keys, to_stage = '') AS came,
        sumIf(keys, to_stage = {toStage:String}) AS gone,
        toUInt64(greatest(came - gone, 0)) AS waiting,
        greatest(intDiv({asOf:Int64}, 1000000) - toInt64(toUnixTimestamp(from_hour)), 0) AS age
    FROM kpi_hops FINAL
    WHERE process = {process:String}
      AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND from_hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND from_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND from_stage = {fromStage:String}
      AND to_stage IN ('', {toStage:String})
      AND (hour, measured_to) IN
      (
          SELECT hour, max(measured_to)
          FROM kpi_hops
          WHERE process = {process:String} AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
          GROUP BY hour
      )
    GROUP BY from_hour
)
