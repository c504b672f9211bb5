-- Windows that wait for late events, with the digests that they were judged by.
SELECT reconciliation, fingerprint
FROM
(
    SELECT reconciliation, argMax(fingerprint, revision) AS fingerprint, argMax(state, revision) AS state
    FROM verdicts
    GROUP BY reconciliation
)
WHERE state = 'gaps'
LIMIT 1000
