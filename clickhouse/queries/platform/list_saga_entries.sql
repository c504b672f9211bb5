-- The journal of a saga, in its order.
SELECT
    seq,
    kind,
    step,
    state,
    toUnixTimestamp64Micro(at) AS at,
    by,
    remark,
    counts
FROM saga_journal FINAL
WHERE saga = {saga:String}
ORDER BY seq
LIMIT 10000
