-- How many keys list_causes looks at: those with discrepancies, and others of the window.
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
SELECT uniqExactIf(key, key IN bad) AS keys, uniqExactIf(key, key NOT IN wrong) AS otherKeys
FROM tracking_records
WHERE process = {process:String}
  AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
  AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND sign > 0
  AND (key IN bad OR cityHash64(key) % {sample:UInt64} = 0)
SETTINGS optimize_use_projections = 0
