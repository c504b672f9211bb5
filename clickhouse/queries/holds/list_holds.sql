-- The newest version of each hold, by id, and since when it has been in force (0: never); of all of them, or of those that are not over.
SELECT
    hold,
    version,
    toString(state) AS state,
    terms,
    proposal,
    reason,
    changed_by AS by,
    toUnixTimestamp64Micro(changed_at) AS at,
    toUnixTimestamp64Micro(since) AS since
FROM
(
    SELECT
        *,
        minIf(changed_at, state IN ('in_force', 'releasing')) OVER (PARTITION BY hold) AS since
    FROM holds
    WHERE hold > {after:String}
    ORDER BY hold, version DESC
    LIMIT 1 BY hold
)
WHERE NOT {openOnly:Bool} OR state NOT IN ('released', 'refused')
ORDER BY hold
LIMIT {limit:UInt32}
SETTINGS select_sequential_consistency = 1
