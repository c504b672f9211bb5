-- Numbers that were received in (from, to], as runs: each number one more than the one before it, in the order of receipt and within a batch by number.
SELECT
    source,
    process,
    stage,
    min(number) AS low,
    max(number) AS high,
    toUnixTimestamp64Micro(min(received_at)) AS firstAt,
    toUnixTimestamp64Micro(max(received_at)) AS lastAt,
    arraySlice(groupArrayIf(number, events > 1), 1, 100) AS twice,
    any(type) AS type
FROM
(
    SELECT *, sum(begins) OVER (PARTITION BY source, process, stage ORDER BY received_at, number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
    FROM
    (
        SELECT
            *,
            number != 1 + lagInFrame(number, 1, number) OVER (
                PARTITION BY source, process, stage ORDER BY received_at, number ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
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
