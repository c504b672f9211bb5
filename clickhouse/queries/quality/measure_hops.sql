-- Measures one hour of a process anew, in one insert: of each way the keys that in this hour had come to both its ends, by the hour from which they had been at
-- the first. Of several stages that a way begins at the first counts; it ends when one stage of each group was reached. A way without an end is where it begins; one without either is there whenever anything came, so that what a measurement no longer has is known to be gone.
INSERT INTO kpi_hops (process, hour, from_stage, to_stage, from_hour, keys, reversed, took, measured_to)
WITH arrived AS
(
    SELECT DISTINCT key
    FROM tracking_records
    WHERE process = {process:String}
      AND received_at >= fromUnixTimestamp64Micro({hour:Int64}, 'UTC')
      AND received_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
      AND outcome = 'stored'
      AND sign = 1
      AND stage IN {stages:Array(String)}
)
SELECT
    {process:String},
    fromUnixTimestamp64Micro({hour:Int64}, 'UTC'),
    hop.1,
    hop.2,
    toStartOfHour(fromUnixTimestamp64Micro(begun, 'UTC')) AS began,
    count(),
    countIf(lead < 0),
    quantilesDDState(0.01, 0.5, 0.75, 0.9, 0.95, 0.99)(toFloat64(greatest(lead, 0))),
    fromUnixTimestamp64Micro({measuredTo:Int64}, 'UTC')
FROM
(
    SELECT
        hop,
        arrayMin(arrayFilter(at -> at != 0, arrayMap(one -> seen[one].1, hop.3))) AS at_first,
        arrayMap(group -> arrayMin(arrayFilter(at -> at != 0, arrayMap(one -> seen[one].1, group))), hop.4) AS at_ends,
        if(has(at_ends, 0), 0, arrayMax(at_ends)) AS at_second,
        multiIf(hop.1 = '', {hour:Int64}, at_first) AS begun,
        multiIf(hop.1 = '', {hour:Int64}, hop.2 = '', at_first, greatest(at_first, at_second)) AS ended,
        if(
            hop.2 = '',
            0,
            arrayMax(arrayMap(group -> arrayMin(arrayFilter(at -> at != 0, arrayMap(one -> seen[one].2, group))), hop.4))
                - arrayMin(arrayFilter(at -> at != 0, arrayMap(one -> seen[one].2, hop.3)))
        ) AS lead
    FROM
    (
        SELECT
            mapFromArrays(groupArray(stage), groupArray((came, occurred))) AS seen,
            arrayJoin(arrayZip({fromNames:Array(String)}, {toNames:Array(String)}, {fromStages:Array(Array(String))}, {toGroups:Array(Array(Array(String)))})) AS hop
        FROM
        (
            SELECT
                key,
                toString(stage) AS stage,
                minIf(toUnixTimestamp64Micro(received_at), outcome = 'stored' AND sign = 1) AS came,
                minIf(toUnixTimestamp64Micro(occurred_at), outcome = 'stored' AND sign = 1) AS occurred
            FROM tracking_records
            WHERE process = {process:String}
              AND origin_hour IN
              (
                  SELECT toStartOfHour(toDateTime(origin_at, 'UTC'))
                  FROM tracking_records
                  WHERE process = {process:String} AND key IN arrived
                  GROUP BY process, key, origin_at, origin_from, outcome
              )
              AND key IN arrived
              AND tracking_records.stage IN {stages:Array(String)}
              AND sign != 0
              AND received_at < fromUnixTimestamp64Micro({measuredTo:Int64}, 'UTC')
            GROUP BY key, stage
            HAVING sum(sign) > 0
        )
        GROUP BY key
    )
    WHERE hop.1 = '' OR at_first != 0 AND (hop.2 = '' OR at_second != 0)
)
WHERE ended >= {hour:Int64} AND ended < {until:Int64}
GROUP BY hop.1, hop.2, began
SETTINGS max_bytes_before_external_group_by = 1000000000
