-- Checks of a reference before a time, newest first; with leastSucceeded = 1 those that came to their end.
SELECT
    toUnixTimestamp64Micro(checked_at) AS checkedAt,
    version,
    toUnixTimestamp64Micro(covers_from) AS coversFrom,
    toUnixTimestamp64Micro(covers_to) AS coversTo,
    tracked,
    business,
    orphans_in_tracking AS orphansInTracking,
    orphans_in_business AS orphansInBusiness,
    examples_in_tracking AS examplesInTracking,
    examples_in_business AS examplesInBusiness,
    failure_code AS failureCode,
    failure_detail AS failureDetail
FROM reference_checks
WHERE reference = {reference:String} AND checked_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')
  AND succeeded >= {leastSucceeded:UInt8}
ORDER BY checked_at DESC, succeeded DESC
LIMIT 1 BY checked_at
LIMIT {limit:UInt32}
