-- The keys of stored records that have other keys than expected, or whose partition was dropped: those are not there. Reads the identities of whole hours.
WITH asked AS
(
    SELECT toFixedString(substring(unhex({identities:String}), number * 16 + 1, 16), 16)
    FROM numbers(intDiv(length({identities:String}), 32))
)
SELECT lower(hex(identity)) AS identity, attempt, key
FROM tracking_records
WHERE tracking_records.process = {process:String}
  AND tracking_records.origin_hour IN {hours:Array(DateTime('UTC'))}
  AND tracking_records.outcome = 'stored'
  AND tracking_records.identity IN asked
