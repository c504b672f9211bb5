-- Dead letters, the last given up first; those of a channel, or one of them, where it is named.
SELECT
    d.dead_letter AS id,
    d.channel AS channel,
    d.recipient AS recipient,
    d.alert_id AS alertId,
    d.notification AS notification,
    d.code AS code,
    toUnixTimestamp64Micro(d.given_up_at) AS givenUpAt,
    r.tries AS tries,
    r.delivered > 0 AS isReplayed,
    r.by AS replayedBy,
    toUnixTimestamp64Micro(r.at) AS replayedAt
FROM dead_letters AS d
LEFT JOIN
(
    SELECT
        dead_letter,
        uniqExact(replayed_at) AS tries,
        countIf(code = '') AS delivered,
        argMinIf(replayed_by, replayed_at, code = '') AS by,
        minIf(replayed_at, code = '') AS at
    FROM dead_letter_replays
    WHERE {id:String} = '' OR dead_letter = {id:String}
    GROUP BY dead_letter
) AS r ON r.dead_letter = d.dead_letter
WHERE ({id:String} = '' OR d.dead_letter = {id:String})
  AND ({channel:String} = '' OR d.channel = {channel:String})
  AND (NOT {waiting:Bool} OR r.delivered = 0)
  AND (d.given_up_at, d.dead_letter) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {before:String})
ORDER BY d.given_up_at DESC, d.dead_letter DESC
LIMIT 1 BY d.dead_letter
LIMIT {limit:UInt32}
