-- Windows that wait for late events, with the digests that they were judged by. Nobody waits for one that was cancelled.
SELECT reconciliation, fingerprint
FROM
(
    SELECT reconciliation, argMax(fingerprint, revision) AS fingerprint, argMax(state, revision) AS state
    FROM verdicts
    GROUP BY reconciliation
)
WHERE state = 'gaps'
  AND reconciliation NOT IN
  (
      SELECT reconciliation
      FROM window_transitions
      GROUP BY reconciliation
      HAVING argMax(window_transitions.state, (at, seq)) = 'cancelled'
  )
LIMIT 1000
