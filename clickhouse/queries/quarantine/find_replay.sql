-- A replay, as it stands.
SELECT
    replay,
    state,
    selection,
    asked_by AS askedBy,
    toUnixTimestamp64Micro(asked_at) AS askedAt,
    toUnixTimestamp64Micro(updated_at) AS updatedAt,
    released,
    still_bad AS stillBad,
    gone
FROM quarantine_replays
WHERE replay = {replay:String}
ORDER BY seq DESC
LIMIT 1
