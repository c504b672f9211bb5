-- Keys between two stages, for each of some metrics: those that wait at a moment, having come to the first one so long before and not to the second one, and how
-- long those took that came to the second one in the window. All times are in grains, as in count_records. Of several events of a key at a stage the first counts.
SELECT
    metric,
    moment,
    countIf(waits) AS waiting,
    countIf(NOT waits) AS arrived,
    quantilesTDigestIf(0.5, 0.75, 0.9, 0.95, 0.99, 0.999)(took / 1000000, NOT waits) AS percentiles
FROM
(
    SELECT
        metric,
        waits,
        took,
        arrayJoin(
            range(
                toUInt64(greatest(0, ceil((begin - {first:Int64}) / {step:Int64}))),
                toUInt64(greatest(0, least(toFloat64({moments:Int64}), floor((end - {first:Int64}) / {step:Int64}) + 1)))
            )
        ) AS moment
    FROM
    (
        SELECT
            metric,
            {waits:Array(Bool)}[metric] AS waits,
            seen[indexOf(stages, {fromStages:Array(String)}[metric])] AS a,
            seen[indexOf(stages, {toStages:Array(String)}[metric])] AS b,
            b.2 - a.2 AS took,
            -- The first and the last moment that it counts at.
            if(waits, a.1 + 1 + {olders:Array(Int64)}[metric], b.1 + 1) AS begin,
            if(waits, least(a.1 + {windows:Array(Int64)}[metric], if(b.1 = 0, toInt64(9000000000), b.1)), b.1 + {windows:Array(Int64)}[metric]) AS end
        FROM
        (
            SELECT process, groupArray(stage) AS stages, groupArray((came, occurred)) AS seen
            FROM
            (
                SELECT
                    process,
                    key,
                    toString(stage) AS stage,
                    intDiv(minIf(toUnixTimestamp64Micro(received_at), sign = 1), {grain:Int64}) AS came,
                    minIf(toUnixTimestamp64Micro(occurred_at), sign = 1) AS occurred
                FROM tracking_records
                WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
                  AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
                  AND process IN {processes:Array(String)}
                  AND tracking_records.stage IN arrayConcat({fromStages:Array(String)}, {toStages:Array(String)})
                  AND outcome IN ('stored', 'retraction', 'restatement')
                  AND sign != 0
                  AND class != 'test'
                GROUP BY process, key, stage
                HAVING countIf(sign = 1) > 0 AND sum(sign) > 0
            )
            GROUP BY process, key
        )
        ARRAY JOIN arrayFilter(i -> {processes:Array(String)}[i] = process, arrayEnumerate({processes:Array(String)})) AS metric
        WHERE a.1 != 0 AND (waits OR b.1 != 0 AND b.2 >= a.2)
    )
)
GROUP BY metric, moment
