-- What fits the scope of a hold: records, keys, bytes of keys, ids, attributes and data, and the first and the last business fact. Of some keys, or of all (none).
SELECT
    count() AS records,
    uniqExact(process, key) AS keys,
    sum(length(key) + length(id) + length(agreed) + length(attributes) + length(data)) AS bytes,
    toUnixTimestamp64Micro(min(origin_at)) AS firstAt,
    toUnixTimestamp64Micro(max(origin_at)) AS lastAt
FROM tracking_records
WHERE (empty({onlyKeys:Array(String)}) OR key IN {onlyKeys:Array(String)})
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
