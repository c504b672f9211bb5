-- Up to when what was received stands in tracking_identities; no row where nothing was copied yet.
SELECT toUnixTimestamp64Micro(max(kept_until)) AS keptUntil
FROM tracking_identity_marks
HAVING count() > 0
