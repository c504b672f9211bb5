-- Keys that came to a process's last stage from its first, by hour of [from, to); hours without any have no row.
SELECT toInt64(toUnixTimestamp(hour)) * 1000000 AS at, sum(kpi_hops.keys) AS keys
FROM kpi_hops FINAL
WHERE process = {process:String}
  AND from_stage = {first:String}
  AND to_stage = {last:String}
  AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND (hour, measured_to) IN
  (
      SELECT hour, max(measured_to)
      FROM kpi_hops
      WHERE process = {process:String}
        AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
        AND hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      GROUP BY hour
  )
GROUP BY hour
ORDER BY hour
