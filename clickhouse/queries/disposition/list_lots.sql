-- What a plan does, lot by lot.
SELECT
    lot,
    toString(kind) AS kind,
    retention_lots.partition AS partition,
    class,
    period,
    total,
    rows,
    bytes,
    held,
    policies,
    toUnixTimestamp64Micro(retain_until) AS retainUntil,
    sample
FROM retention_lots FINAL
WHERE plan = {plan:String}
ORDER BY lot
