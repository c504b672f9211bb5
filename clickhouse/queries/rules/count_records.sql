-- Records by what rules tell them apart by, in each window before each of some moments. All times are in grains: a record is of the grain that it was received in,
-- a window has whole grains, and a moment does not see the grain that it begins.
SELECT
    process,
    stage,
    source,
    type,
    status,
    outcome,
    window,
    moment,
    sum(events) AS events,
    max(newest) AS newestAt
FROM
(
    SELECT
        *,
        arrayJoin(
            range(
                toUInt64(greatest(0, ceil((grain + 1 - {first:Int64}) / {step:Int64}))),
                toUInt64(greatest(0, least(toFloat64({moments:Int64}), floor((grain + window - {first:Int64}) / {step:Int64}) + 1)))
            )
        ) AS moment
    FROM
    (
        SELECT *, arrayJoin({windows:Array(Int64)}) AS window
        FROM
        (
            SELECT
                process,
                if(has({told:Array(String)}, 'stage'), stage, '') AS stage,
                if(has({told:Array(String)}, 'source'), source, '') AS source,
                if(has({told:Array(String)}, 'type'), type, '') AS type,
                if(has({told:Array(String)}, 'status'), toString(status), '') AS status,
                toString(outcome) AS outcome,
                intDiv(toUnixTimestamp64Micro(received_at), {grain:Int64}) AS grain,
                count() AS events,
                toUnixTimestamp64Micro(max(received_at)) AS newest
            FROM tracking_records
            WHERE received_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
              AND received_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
              AND (empty({processes:Array(String)}) OR process IN {processes:Array(String)})
              AND outcome IN {outcomes:Array(String)}
              AND (outcome != 'stored' OR sign = 1)
              AND class != 'test'
            GROUP BY ALL
        )
    )
)
GROUP BY process, stage, source, type, status, outcome, window, moment
