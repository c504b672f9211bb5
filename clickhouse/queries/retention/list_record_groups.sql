-- Records by what retention policies go by: partition, traits, day of receipt, and the days of the events that time may count from, joined by commas, 0 for what has
-- not happened. Bytes are those of keys, ids, attributes and data.
SELECT
    partition,
    process,
    class,
    categories,
    severity,
    environment,
    region,
    receivedOn,
    starts,
    count() AS records,
    sum(bytes) AS bytes
FROM
(
    SELECT
        r._partition_id AS partition,
        r.process AS process,
        toString(r.class) AS class,
        r.categories AS categories,
        if(r.attributes = '', '', JSONExtractString(r.attributes, 'severity')) AS severity,
        if(r.attributes = '', '', JSONExtractString(r.attributes, 'environment')) AS environment,
        if(r.attributes = '', '', JSONExtractString(r.attributes, 'region')) AS region,
        toUInt32(toDate(r.received_at)) AS receivedOn,
        arrayStringConcat(arrayMap(i -> toString(s.days[toUInt32(i)]), arrayEnumerate({startTypes:Array(String)})), ',') AS starts,
        length(r.key) + length(r.id) + length(r.agreed) + length(r.attributes) + length(r.data) AS bytes
    FROM tracking_records AS r
    LEFT JOIN
    (
        SELECT process, key, maxMap(map(start, happened)) AS days
        FROM
        (
            SELECT
                process,
                key,
                toUInt32(arrayJoin(arrayFilter(
                    i -> {startTypes:Array(String)}[i] = type AND {startStages:Array(String)}[i] IN ('', stage),
                    arrayEnumerate({startTypes:Array(String)})
                ))) AS start,
                happened
            FROM
            (
                SELECT process, key, type, stage, toUInt32(toDate(occurred_at)) AS happened
                FROM tracking_records
                WHERE sign = 1 AND type IN {startTypes:Array(String)}
                UNION ALL
                SELECT process, key, type, stage, happened
                FROM retention_starts
                WHERE type IN {startTypes:Array(String)}
            )
        )
        GROUP BY process, key
    ) AS s ON r.process = s.process AND r.key = s.key
)
GROUP BY partition, process, class, categories, severity, environment, region, receivedOn, starts
SETTINGS max_bytes_before_external_group_by = 1000000000, join_algorithm = 'grace_hash', max_bytes_in_join = 1000000000
