-- Discrepancies of one judgement by key, stage and kind. What is late is told, and neither open nor accepted.
SELECT key, stage, kind, hop, field, expected, found, rank, toUnixTimestamp64Micro(since) AS since, fact
FROM discrepancies
WHERE reconciliation = {reconciliation:String} AND judgement = {judgement:String}
  AND (key, stage, kind) > ({afterKey:String}, {afterStage:String}, {afterKind:String})
  AND ({kind:String} = '' OR kind = {kind:String})
  AND ({stage:String} = '' OR stage = {stage:String})
  AND ({hop:String} = '' OR hop = {hop:String})
  AND ({rank:String} = '' OR rank = {rank:String})
  AND ({key:String} = '' OR key = {key:String})
  AND ({status:String} = '' OR kind != 'late' AND ({status:String} = 'accepted') = ((key, stage, kind, fact) IN (
      SELECT key, stage, kind, fact FROM acceptances WHERE reconciliation = {reconciliation:String}
  )))
ORDER BY key, stage, kind
LIMIT 1 BY key, stage, kind
LIMIT {limit:UInt32}
