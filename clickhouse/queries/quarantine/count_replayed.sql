-- What a replay made of the records behind one place of the queue, up to another one: by the last that it did with each, whatever it had to repeat.
SELECT countIf(isReleased) AS released, countIf(NOT isReleased AND isBad) AS stillBad, countIf(NOT isReleased AND NOT isBad AND isGone) AS gone
FROM
(
    SELECT
        countIf(step = 'released') > 0 AS isReleased,
        countIf(step = 'still_bad') > 0 AS isBad,
        countIf(step = 'gone') > 0 AS isGone
    FROM quarantine_steps
    WHERE replay = {replay:String}
      AND received_at >= fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC')
      AND received_at <= fromUnixTimestamp64Micro({lastAt:Int64}, 'UTC')
      AND (received_at, identity, payload_hash)
          > (fromUnixTimestamp64Micro({afterAt:Int64}, 'UTC'), toFixedString(unhex({afterIdentity:String}), 16), reinterpretAsUInt64(unhex({afterHash:String})))
      AND (received_at, identity, payload_hash)
          <= (fromUnixTimestamp64Micro({lastAt:Int64}, 'UTC'), toFixedString(unhex({lastIdentity:String}), 16), reinterpretAsUInt64(unhex({lastHash:String})))
    GROUP BY identity, payload_hash
)
