-- What some windows are at, with their newest verdicts; reads those windows alone. Windows of which nothing was told are left out.
SELECT
    reconciliation,
    t.state AS state,
    v.revision AS revision,
    v.verdict AS verdict,
    v.judgement AS judgement,
    v.judgedAt AS judgedAt,
    v.open AS open,
    v.accepted AS accepted
FROM
(
    SELECT reconciliation, argMax(window_transitions.state, (at, seq)) AS state
    FROM window_transitions
    WHERE reconciliation IN {reconciliations:Array(String)}
    GROUP BY reconciliation
) AS t
LEFT JOIN
(
    SELECT
        reconciliation,
        max(verdicts.revision) AS revision,
        argMax(verdicts.state, verdicts.revision) AS verdict,
        argMax(verdicts.judgement, verdicts.revision) AS judgement,
        toUnixTimestamp64Micro(argMax(judged_at, verdicts.revision)) AS judgedAt,
        argMax(verdicts.open, verdicts.revision) AS open,
        argMax(verdicts.accepted, verdicts.revision) AS accepted
    FROM verdicts
    WHERE reconciliation IN {reconciliations:Array(String)}
    GROUP BY reconciliation
) AS v USING (reconciliation)
