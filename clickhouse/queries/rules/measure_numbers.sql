-- Percentiles of numbers in the data of records, for each of some metrics, over its window before each of some moments. All times are in grains, as in
-- count_records. Each number is read once for all metrics that have its path; what they select is applied to what was told apart, and not to records. A number
-- may stand as a text.
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
        metric,
        -- Told apart for other metrics, it is one series of this one.
        if(has({bys:Array(Array(String))}[metric], 'process'), process, '') AS process,
        if(has({bys:Array(Array(String))}[metric], 'stage'), stage, '') AS stage,
        if(has({bys:Array(Array(String))}[metric], 'source'), source, '') AS source,
        if(has({bys:Array(Array(String))}[metric], 'type'), type, '') AS type,
        present,
        numbers,
        digest,
        arrayJoin(
            range(
                toUInt64(greatest(0, ceil((grain + 1 - {first:Int64}) / {step:Int64}))),
                toUInt64(greatest(0, least(toFloat64({moments:Int64}), floor((grain + {windows:Array(Int64)}[metric] - {first:Int64}) / {step:Int64}) + 1)))
            )
        ) AS moment
    FROM
    (
        SELECT
            path,
            toString(process) AS process,
            if(has({told:Array(String)}, 'stage'), stage, '') AS stage,
            if(has({told:Array(String)}, 'source'), source, '') AS source,
            if(has({told:Array(String)}, 'type'), type, '') AS type,
            if(has({told:Array(String)}, 'status'), status, '') AS status,
            grain,
            countIf(raw NOT IN ('', 'null')) AS present,
            countIf(isFinite(number)) AS numbers,
            quantilesTDigestStateIf(0.5, 0.75, 0.9, 0.95, 0.99, 0.999)(assumeNotNull(number), isFinite(number)) AS digest
        FROM
        (
            SELECT
                path,
                tracking_records.process AS process,
                tracking_records.stage AS stage,
                tracking_records.source AS source,
                tracking_records.type AS type,
                toString(tracking_records.status) AS status,
                intDiv(toUnixTimestamp64Micro(received_at), {grain:Int64}) AS grain,
                arrayFold((part, name) -> JSONExtractRaw(part, name), {paths:Array(Array(String))}[path], data) AS raw,
                toFloat64OrNull(trim(BOTH '"' FROM raw)) AS number
            FROM tracking_records
            -- Of no process in particular: the last list.
            ARRAY JOIN {pathsOf:Array(Array(UInt32))}[if(has({named:Array(String)}, tracking_records.process), indexOf({named:Array(String)}, tracking_records.process), -1)] AS path
            WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
              AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
              AND (notEmpty({pathsOf:Array(Array(UInt32))}[-1]) OR tracking_records.process IN {named:Array(String)})
              AND outcome = 'stored'
              AND sign = 1
              AND class != 'test'
        )
        GROUP BY path, process, stage, source, type, status, grain
    )
    ARRAY JOIN arrayFilter(
        i -> {pathOf:Array(UInt32)}[i] = path
            AND ({processes:Array(String)}[i] = '' OR {processes:Array(String)}[i] = process)
            AND ({stages:Array(String)}[i] = '' OR {stages:Array(String)}[i] = stage)
            AND ({sources:Array(String)}[i] = '' OR {sources:Array(String)}[i] = source)
            AND ({types:Array(String)}[i] = '' OR {types:Array(String)}[i] = type)
            AND ({statuses:Array(String)}[i] = '' OR {statuses:Array(String)}[i] = status),
        arrayEnumerate({processes:Array(String)})
    ) AS metric
)
GROUP BY metric, process, stage, source, type, moment
