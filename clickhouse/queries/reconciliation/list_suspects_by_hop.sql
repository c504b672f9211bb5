-- Keys of a window that a closer look must be taken at, where some hop is not 1:1: a side is missing, has fewer events than it may have, or its digests are not
-- those of the other side, as often as there are events. Where sums are compared, digests of sides with unequal counts say nothing. Stages of a hop are given by their places among
-- `stages`, from 1. The comparison of key and fields decides.
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
        (from, to, cardinality) ->
            (arraySum(at -> events[at], from) > 0) != (arraySum(at -> events[at], to) > 0)
            OR (cardinality IN ('1:1', '1:n') AND arraySum(at -> events[at], to) < arraySum(at -> events[at], from))
            OR (cardinality = '1:1' AND arraySum(at -> events[at], to) > arraySum(at -> events[at], from))
            OR (cardinality = 'n:1' AND arraySum(at -> events[at], to) > 1)
            OR ({sums:Bool} AND arraySum(at -> events[at], to) != arraySum(at -> events[at], from))
            OR arraySum(at -> digests[at], to) * arraySum(at -> events[at], from)
               != arraySum(at -> digests[at], from) * arraySum(at -> events[at], to),
        {froms:Array(Array(UInt8))}, {tos:Array(Array(UInt8))}, {cardinalities:Array(String)})
SETTINGS optimize_aggregation_in_order = 1, optimize_use_projections = 0
