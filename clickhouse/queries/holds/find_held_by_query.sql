-- Notes the keys of a partition of which a record fits the scope of a hold. Rows of a key stay together, as corrections do with what they correct.
INSERT INTO held_keys (finding, process, key, found_at)
SELECT DISTINCT {finding:String}, process, key, fromUnixTimestamp64Micro({foundAt:Int64}, 'UTC')
FROM tracking_records
WHERE _partition_id = {partition:String}
  AND (empty({processes:Array(String)}) OR process IN {processes:Array(String)})
  AND (empty({stages:Array(String)}) OR stage IN {stages:Array(String)})
  AND (empty({types:Array(String)}) OR type IN {types:Array(String)})
  AND (empty({sources:Array(String)}) OR source IN {sources:Array(String)})
  AND (empty({classes:Array(String)}) OR toString(class) IN {classes:Array(String)})
  AND (empty({categories:Array(String)}) OR hasAny(splitByChar(',', toString(categories)), {categories:Array(String)}))
  AND (empty({keys:Array(String)}) OR key IN {keys:Array(String)})
  AND origin_at >= fromUnixTimestamp64Micro({fromAt:Int64}, 'UTC')
  AND origin_at < fromUnixTimestamp64Micro({toAt:Int64}, 'UTC')
  AND (
      empty({aliases:Array(String)})
      OR key IN {aliases:Array(String)}
      OR correlation_id IN {aliases:Array(String)}
      OR arrayExists(
          path -> if(
              startsWith(arrayFold((part, name) -> JSONExtractRaw(part, name), path, data) AS named, '"'),
              JSONExtractString(named),
              named
          ) IN {aliases:Array(String)},
          {aliasPaths:Array(Array(String))}
      )
  )
  AND arrayAll(
      (path, wanted) -> has(
          wanted,
          if(
              startsWith(arrayFold((part, name) -> JSONExtractRaw(part, name), path, data) AS found, '"'),
              JSONExtractString(found),
              found
          )
      ),
      {paths:Array(Array(String))},
      {fieldValues:Array(Array(String))}
  )
SETTINGS select_sequential_consistency = 1
