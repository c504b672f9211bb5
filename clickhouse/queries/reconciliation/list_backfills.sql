-- Back-fills, newest first, each as far as it is recorded.
SELECT backfill, process, toUnixTimestamp64Micro(span_from) AS from, toUnixTimestamp64Micro(span_to) AS to, at_once AS atOnce, asked_by AS by,
       toUnixTimestamp64Micro(asked_at) AS askedAt, state, toUnixTimestamp64Micro(updated_at) AS updatedAt, opened, judged, with_gaps AS withGaps, passed
FROM backfills
WHERE ({backfill:String} = '' OR backfill = {backfill:String})
  AND ({process:String} = '' OR process = {process:String})
  AND (asked_at, backfill) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {beforeId:String})
ORDER BY asked_at DESC, backfill DESC, seq DESC
LIMIT 1 BY backfill
LIMIT {limit:UInt32}
