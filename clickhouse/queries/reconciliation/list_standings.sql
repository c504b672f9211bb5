-- The newest verdicts of some windows, with the digests that they were judged by; windows without one are left out. Reads those windows alone: both tables
-- are sorted by them.
SELECT reconciliation, revision, v.state AS state, fingerprint, judgedAt, t.state = 'cancelled' AS cancelled, t.deadline AS deadline
FROM
(
    SELECT
        reconciliation,
        max(revision) AS revision,
        argMax(state, revision) AS state,
        argMax(fingerprint, revision) AS fingerprint,
        toUnixTimestamp64Micro(argMax(judged_at, revision)) AS judgedAt
    FROM verdicts
    WHERE reconciliation IN {reconciliations:Array(String)}
    GROUP BY reconciliation
) AS v
LEFT JOIN
(
    SELECT
        reconciliation,
        argMax(window_transitions.state, (at, seq)) AS state,
        toUnixTimestamp64Micro(argMax(coalesce(window_transitions.deadline, at), (at, seq))) AS deadline
    FROM window_transitions
    WHERE reconciliation IN {reconciliations:Array(String)}
    GROUP BY reconciliation
) AS t USING (reconciliation)
