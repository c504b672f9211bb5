-- Records of a process by key, by id, or both ('': any), the first received first, with what retention policies go by; see list_record_groups.
SELECT
    r.process AS process,
    r.id AS id,
    r.key AS key,
    r.stage AS stage,
    toString(r.class) AS class,
    r.categories AS categories,
    if(r.attributes = '', '', JSONExtractString(r.attributes, 'severity')) AS severity,
    if(r.attributes = '', '', JSONExtractString(r.attributes, 'environment')) AS environment,
    if(r.attributes = '', '', JSONExtractString(r.attributes, 'region')) AS region,
    toUInt32(toDate(r.received_at)) AS receivedOn,
    arrayStringConcat(arrayMap(i -> toString(s.days[toUInt32(i)]), arrayEnumerate({startTypes:Array(String)})), ',') AS starts
FROM
(
    SELECT *
    FROM tracking_records
    WHERE process = {process:String}
      AND ({key:String} = '' OR key = {key:String})
      AND ({id:String} = '' OR id = {id:String})
      AND outcome = 'stored'
    ORDER BY received_at, stage, source, id, attempt
    LIMIT {limit:UInt32}
) AS r
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
            WHERE process = {process:String} AND sign = 1 AND type IN {startTypes:Array(String)}
              AND ({key:String} = '' OR key = {key:String})
            UNION ALL
            SELECT process, key, type, stage, happened
            FROM retention_starts
            WHERE process = {process:String} AND type IN {startTypes:Array(String)}
              AND ({key:String} = '' OR key = {key:String})
        )
    )
    GROUP BY process, key
) AS s ON r.process = s.process AND r.key = s.key
ORDER BY r.received_at, r.stage, r.source, r.id, r.attempt
