-- The versions of a hold, the newest first.
SELECT hold, version, toString(state) AS state, terms, proposal, reason, changed_by AS by, toUnixTimestamp64Micro(changed_at) AS at
FROM holds
WHERE hold = {hold:String}
ORDER BY version DESC
LIMIT 1 BY version
SETTINGS select_sequential_consistency = 1
