-- Keys of a 1:n window that a closer look must be taken at: a stage is missing, has fewer events than the one before, or digests that are not those of the
-- one before, as often as there are events. The comparison of key and fields decides.
SELECT key
FROM
(
    SELECT
        origin_hour,
        key,
        sumForEach(arrayMap(one -> if(one = stage, toInt64(sign), 0), {stages:Array(String)})) AS events,
        sumForEach(arrayMap(one -> if(one = stage, digest, 0), {stages:Array(String)})) AS digests
    FROM tracking_records
    WHERE process = {process:String}
      AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
      AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
    GROUP BY origin_hour, key
)
WHERE arrayExists(
        (one, before, digest, digestBefore) -> one < before OR (one > 0) != (before > 0) OR digest * before != digestBefore * one,
        arrayPopFront(events), arrayPopBack(events), arrayPopFront(digests), arrayPopBack(digests))
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0
