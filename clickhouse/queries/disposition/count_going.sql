-- What of a partition goes by a plan, and what would but is held: rows, and bytes of keys, ids, attributes and data of those that go.
SELECT
    countIf(NOT isHeld) AS rows,
    sumIf(length(key) + length(id) + length(agreed) + length(attributes) + length(data), NOT isHeld) AS bytes,
    countIf(isHeld) AS held
FROM
(
    SELECT r.key AS key, r.id AS id, r.agreed AS agreed, r.attributes AS attributes, r.data AS data, (r.process IN {heldProcesses:Array(String)} OR (r.process, r.key) IN (SELECT process, key FROM held_keys WHERE finding = {finding:String})) AS isHeld
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
    WHERE r._partition_id = {partition:String}
      AND (
          r.process,
          r.categories,
          if(r.attributes = '', '', JSONExtractString(r.attributes, 'severity')),
          if(r.attributes = '', '', JSONExtractString(r.attributes, 'environment')),
          if(r.attributes = '', '', JSONExtractString(r.attributes, 'region')),
          toUInt32(toDate(r.received_at)),
          arrayStringConcat(arrayMap(i -> toString(s.days[toUInt32(i)]), arrayEnumerate({startTypes:Array(String)})), ',')
      ) IN
      (
          SELECT process, categories, severity, environment, region, received_on, starts
          FROM retention_groups
          WHERE plan = {plan:String} AND partition = {partition:String} AND tier = {tier:String}
      )
)
SETTINGS select_sequential_consistency = 1, join_algorithm = 'grace_hash', max_bytes_in_join = 1000000000
