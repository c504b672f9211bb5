-- Revisions of a window's verdict, newest first.
SELECT revision, judgement, state, depth, toUnixTimestamp64Micro(judged_at) AS judgedAt, process_version AS processVersion, fingerprint,
       stage_counts AS stageCounts, kinds, open, accepted
FROM verdicts
WHERE reconciliation = {reconciliation:String} AND revision < {before:UInt32}
ORDER BY revision DESC
LIMIT 1 BY revision
LIMIT {limit:UInt32}
