-- Arrivals in [from, to), of these hours of the week alone, and when the first of all was: of the next sources and processes behind these, in their order.
SELECT
    source,
    process,
    toUnixTimestamp(min(first)) * 1000000 AS first,
    groupArrayIf((toUnixTimestamp(bucket) * 1000000, arrivals), has({hours:Array(UInt16)}, intDiv(toUnixTimestamp(bucket), 3600) % 168)) AS counts
FROM
(
    SELECT source, process, bucket, max(arrivals) AS arrivals, min(bucket) AS first
    FROM arrival_counts
    WHERE bucket >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND bucket < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND (source, process) IN
      (
          SELECT source, process
          FROM arrival_counts
          WHERE bucket >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND bucket < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
            AND (source, process) > ({afterSource:String}, {afterProcess:String})
          GROUP BY source, process
          ORDER BY source, process
          LIMIT {limit:UInt32}
      )
    GROUP BY source, process, bucket
)
GROUP BY source, process
ORDER BY source, process
