-- How long keys took from stage to stage, of those that had come to both in the hours of [from, to).
SELECT
    from_stage AS fromStage,
    to_stage AS toStage,
    sum(keys) AS keys,
    sum(reversed) AS reversed,
    quantilesDDMerge(0.01, 0.5, 0.75, 0.9, 0.95, 0.99)(kpi_hops.took) AS took
FROM kpi_hops FINAL
WHERE process = {process:String}
  AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND to_stage != ''
  AND (hour, measured_to) IN
  (
      SELECT hour, max(measured_to)
      FROM kpi_hops
      WHERE process = {process:String}
        AND hour >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
        AND hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      GROUP BY hour
  )
GROUP BY from_stage, to_stage
ORDER BY from_stage, to_stage
