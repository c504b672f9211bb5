-- Numbers that were received in (from, to], as runs: each number one more than the one before it, in the order of receipt and within a batch by number.
-- Of those that came twice at once the ranges.
WITH arraySort(groupArrayIf(number, events > 1)) AS repeated
SELECT
    source,
    process,
    stage,
    min(number) AS low,
    max(number) AS high,
    toUnixTimestamp64Micro(min(received_at)) AS firstAt,
    toUnixTimestamp64Micro(max(received_at)) AS lastAt,
    arraySlice(arrayMap(range -> (range[1], range[-1]), arraySplit((number, step) -> step != 1, repeated, arrayDifference(repeated))), 1, 10000) AS twice,
    any(type) AS type
FROM
(
    SELECT *, sum(begins) OVER (PARTITION BY source, process, stage ORDER BY received_at, number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
    FROM
    (
        SELECT
            *,
            number != 1 + lagInFrame(number, 1, number) OVER (
                PARTITION BY source, process, stage ORDER BY received_at, number ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
            ) AS begins
        FROM
        (
            SELECT source, process, stage, received_at, assumeNotNull(sequence) AS number, uniqExact(identity) AS events, any(type) AS type
            FROM tracking_records
            WHERE received_at > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
              AND received_at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
              AND sequence IS NOT NULL
              AND outcome IN ('stored', 'conflict', 'quarantined', 'rejected', 'sampled_out')
            GROUP BY source, process, stage, received_at, number
        )
    )
)
GROUP BY source, process, stage, run
ORDER BY source, process, stage, run
LIMIT {limit:UInt32}
SETTINGS max_bytes_before_external_group_by = 1000000000, max_bytes_before_external_sort = 1000000000
