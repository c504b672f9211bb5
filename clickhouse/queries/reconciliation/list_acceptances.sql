-- Who accepted, when, what they saw and why.
SELECT acceptance, revision, reason, proposed_by AS by, toUnixTimestamp64Micro(proposed_at) AS at
FROM acceptance_proposals FINAL
WHERE acceptance IN {acceptances:Array(String)}
ORDER BY acceptance
