-- What keys with discrepancies have in common that others of the window have not: attributes of their events, and the members of their data that are no lists or objects. Of either side a sample of keys
-- is looked at, by their hash. A share is that of keys, so that several events of one count once.
WITH wrong AS
(
    SELECT DISTINCT key
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String}
      AND judgement = {judgement:String}
      AND kind NOT IN ('late', 'undecided')
),
bad AS
(
    SELECT key
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String}
      AND judgement = {judgement:String}
      AND kind NOT IN ('late', 'undecided')
      AND ({kind:String} = '' OR kind = {kind:String})
      AND ({hop:String} = '' OR hop = {hop:String})
    GROUP BY key
    ORDER BY cityHash64(key)
    LIMIT {most:UInt32}
)
SELECT
    stage,
    tupleElement(attribute, 1) AS name,
    tupleElement(attribute, 2) AS value,
    uniqExactIf(key, isBad) AS keys,
    uniqExactIf(key, isOther) AS otherKeys
FROM
(
    SELECT
        key,
        stage,
        key IN bad AS isBad,
        cityHash64(key) % {sample:UInt64} = 0 AND key NOT IN wrong AS isOther,
        arrayJoin(arrayConcat(
            [('source', toString(source)), ('type', toString(type)), ('hour', concat(formatDateTime(origin_hour, '%FT%H:00', 'UTC'), 'Z'))],
            if(contract_version > 0, [('contractVersion', toString(contract_version))], []),
            if(manual, [('manual', 'true')], []),
            arrayMap(
                member -> (concat('data.', tupleElement(member, 1)), tupleElement(member, 2)),
                arrayFilter(
                    member -> length(tupleElement(member, 2)) BETWEEN 1 AND 80 AND substring(tupleElement(member, 2), 1, 1) NOT IN ('{', '['),
                    JSONExtractKeysAndValuesRaw(data))))) AS attribute
    FROM tracking_records
    WHERE process = {process:String}
      AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
      AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND sign > 0
      AND (key IN bad OR cityHash64(key) % {sample:UInt64} = 0)
)
GROUP BY stage, attribute
HAVING keys >= {least:UInt32}
ORDER BY keys DESC, otherKeys, stage, name, value
LIMIT 1000
SETTINGS optimize_use_projections = 0
