-- Keys between two stages, for each of some metrics: those that wait at a moment, having come to the first one so long before and not to the second one, and how
-- long those took that came to the second one in the window. All times are in grains, as in count_records. Of several events of a key at a stage the first counts.
-- Processes and stages stand for their places in the lists of them, and keys for 64 bits of a hash: groups of a fixed width take a third of the time.
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
            {reaches:Array(Int64)}[metric] AS reach,
            seen[indexOf(places, {froms:Array(UInt16)}[metric])] AS a,
            seen[indexOf(places, {tos:Array(UInt16)}[metric])] AS b,
            b.2 - a.2 AS took,
            -- The first and the last moment that it counts at.
            if(waits, a.1 + 1 + {olders:Array(Int64)}[metric], b.1 + 1) AS begin,
            if(waits, least(a.1 + reach, if(b.1 = 0, toInt64(9000000000), b.1)), b.1 + reach) AS end
        FROM
        (
            SELECT process, groupArray(place) AS places, groupArray((came, occurred)) AS seen
            FROM
            (
                SELECT
                    sipHash64(key) AS name,
                    toUInt16(indexOf({processes:Array(String)}, tracking_records.process)) AS process,
                    toUInt16(indexOf({stages:Array(String)}, tracking_records.stage)) AS place,
                    intDiv(minIf(toUnixTimestamp64Micro(received_at), sign = 1), {grain:Int64}) AS came,
                    minIf(toUnixTimestamp64Micro(occurred_at), sign = 1) AS occurred
                FROM tracking_records
                WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
                  AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
                  AND tracking_records.process IN {processes:Array(String)}
                  AND tracking_records.stage IN {stages:Array(String)}
                  AND outcome IN ('stored', 'retraction', 'restatement')
                  AND sign != 0
                  AND class != 'test'
                GROUP BY sipHash64(key), toUInt16(indexOf({processes:Array(String)}, tracking_records.process)), toUInt16(indexOf({stages:Array(String)}, tracking_records.stage))
                HAVING countIf(sign = 1) > 0 AND sum(sign) > 0
            )
            GROUP BY name, process
        )
        ARRAY JOIN {metricsOf:Array(Array(UInt32))}[process] AS metric
        WHERE a.1 != 0 AND (waits OR b.1 != 0 AND b.2 >= a.2)
    )
)
GROUP BY metric, moment
