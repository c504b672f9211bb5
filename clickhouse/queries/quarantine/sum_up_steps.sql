-- What the steps with a page's records come to. Records that nothing was done with are not named.
SELECT
    item,
    argMaxIf(assignee, at, step = 'assigned') AS assignee,
    uniqExactIf(at, step = 'patched') AS version,
    argMaxIf(length(record), at, step = 'patched') AS size,
    countIf(step = 'released') > 0 AS isReleased,
    countIf(step = 'discarded') > 0 AS isDiscarded,
    argMaxIf(outcome, at, step = 'released') AS became
FROM quarantine_steps
WHERE received_at >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
  AND received_at <= fromUnixTimestamp64Micro({last:Int64}, 'UTC')
  AND (identity, payload_hash) IN
      (
          SELECT
              toFixedString(substring(unhex({items:String}), number * 24 + 1, 16), 16),
              reinterpretAsUInt64(substring(unhex({items:String}), number * 24 + 17, 8))
          FROM numbers(intDiv(length({items:String}), 48))
      )
GROUP BY item
