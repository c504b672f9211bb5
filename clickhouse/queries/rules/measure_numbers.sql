-- Percentiles of numbers in the data of records, for each of some metrics, over its window before each of some moments. All times are in grains, as in
-- count_records. A number may stand as a text.
SELECT
    metric,
    process,
    stage,
    source,
    type,
    moment,
    sum(present) AS present,
    sum(numbers) AS numbers,
    quantilesTDigestMerge(0.5, 0.75, 0.9, 0.95, 0.99, 0.999)(digest) AS percentiles
FROM
(
    SELECT
        *,
        arrayJoin(
            range(
                toUInt64(greatest(0, ceil((grain + 1 - {first:Int64}) / {step:Int64}))),
                toUInt64(greatest(0, least(toFloat64({moments:Int64}), floor((grain + {windows:Array(Int64)}[metric] - {first:Int64}) / {step:Int64}) + 1)))
            )
        ) AS moment
    FROM
    (
        SELECT
            metric,
            process,
            if(has({told:Array(String)}, 'stage'), stage, '') AS stage,
            if(has({told:Array(String)}, 'source'), source, '') AS source,
            if(has({told:Array(String)}, 'type'), type, '') AS type,
            grain,
            countIf(raw NOT IN ('', 'null')) AS present,
            countIf(isFinite(number)) AS numbers,
            quantilesTDigestStateIf(0.5, 0.75, 0.9, 0.95, 0.99, 0.999)(assumeNotNull(number), isFinite(number)) AS digest
        FROM
        (
            SELECT
                metric,
                process,
                stage,
                source,
                type,
                intDiv(toUnixTimestamp64Micro(received_at), {grain:Int64}) AS grain,
                arrayFold((part, name) -> JSONExtractRaw(part, name), {paths:Array(Array(String))}[metric], data) AS raw,
                toFloat64OrNull(trim(BOTH '"' FROM raw)) AS number
            FROM tracking_records
            ARRAY JOIN arrayFilter(
                i -> ({processes:Array(String)}[i] = '' OR {processes:Array(String)}[i] = process)
                    AND ({stages:Array(String)}[i] = '' OR {stages:Array(String)}[i] = stage)
                    AND ({sources:Array(String)}[i] = '' OR {sources:Array(String)}[i] = source)
                    AND ({types:Array(String)}[i] = '' OR {types:Array(String)}[i] = type)
                    AND ({statuses:Array(String)}[i] = '' OR {statuses:Array(String)}[i] = toString(status)),
                arrayEnumerate({processes:Array(String)})
            ) AS metric
            WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
              AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
              AND (has({processes:Array(String)}, '') OR process IN {processes:Array(String)})
              AND outcome = 'stored'
              AND sign = 1
              AND class != 'test'
        )
        GROUP BY metric, process, stage, source, type, grain
    )
)
GROUP BY metric, process, stage, source, type, moment
