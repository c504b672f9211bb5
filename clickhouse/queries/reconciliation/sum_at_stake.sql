-- What the keys with discrepancies of a judgement are worth, by currency: of each key the largest amount that any of its events says. At most so many keys are looked at.
WITH bad AS
(
    SELECT key
    FROM discrepancies
    WHERE reconciliation = {reconciliation:String} AND judgement = {judgement:String} AND kind NOT IN ('late', 'undecided')
    GROUP BY key
    ORDER BY cityHash64(key)
    LIMIT {most:UInt32}
)
SELECT currency, sum(amount) AS value
FROM
(
    WITH trim(BOTH '"' FROM arrayFold((part, name) -> JSONExtractRaw(part, name), {currency:Array(String)}, data)) AS said
    SELECT
        key,
        anyIf(said, said != '') AS currency,
        max(toFloat64OrZero(trim(BOTH '"' FROM arrayFold((part, name) -> JSONExtractRaw(part, name), {amount:Array(String)}, data)))) AS amount
    FROM tracking_records
    WHERE process = {process:String}
      AND origin_hour >= toStartOfHour(fromUnixTimestamp64Micro({from:Int64}, 'UTC'))
      AND origin_hour < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND origin_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND origin_at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
      AND outcome = 'stored'
      AND sign > 0
      AND key IN bad
    GROUP BY key
)
WHERE amount > 0
GROUP BY currency
ORDER BY value DESC
LIMIT 10
SETTINGS optimize_use_projections = 0
