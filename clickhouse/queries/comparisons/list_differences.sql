-- Differences of a comparison that count, in the order in which they were told: by segment, of the execution that finished it.
SELECT segment, ordinal, kind, key, source, target, columns
FROM comparison_differences
WHERE comparison = {comparison:String}
  AND (segment, ordinal) > ({afterSegment:UInt32}, {afterOrdinal:UInt32})
  AND arrayExists((name, from, to) -> execution = name AND segment > from AND segment <= to,
                  {executions:Array(String)}, arrayPopBack(arrayPushFront({ends:Array(UInt32)}, 0)), {ends:Array(UInt32)})
ORDER BY segment, ordinal
LIMIT 1 BY segment, ordinal
LIMIT {limit:UInt32}
