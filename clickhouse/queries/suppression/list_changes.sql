-- Changes by the first that was told of them for [from, to), the newest first; of one kind, with some labels and without others where that is asked for.
SELECT
    c.change AS id,
    toUnixTimestamp64Micro(min(c.at)) AS place
FROM changes AS c
WHERE c.at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND c.at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
  AND ({kind:String} = '' OR c.kind = {kind:String})
  AND (
    (empty({hasNames:Array(String)}) AND empty({hasNotNames:Array(String)}))
    OR c.change IN
    (
        SELECT change
        FROM changes
        WHERE change IN
        (
            SELECT change
            FROM changes
            WHERE at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
        )
        GROUP BY change
        HAVING arrayAll((name, value) -> arrayExists(l -> l[name] = value, groupArray(labels)), {hasNames:Array(String)}, {hasValues:Array(String)})
           AND NOT arrayExists((name, value) -> arrayExists(l -> l[name] = value, groupArray(labels)), {hasNotNames:Array(String)}, {hasNotValues:Array(String)})
    )
  )
GROUP BY c.change
HAVING (min(c.at), c.change) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {before:String})
ORDER BY min(c.at) DESC, c.change DESC
LIMIT {limit:UInt32}
