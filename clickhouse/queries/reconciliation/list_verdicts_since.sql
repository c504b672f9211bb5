-- Every revision of the verdicts about windows that ended behind a time, as far as they were judged until another, in the order of their times.
SELECT
    w.process AS process,
    v.reconciliation AS reconciliation,
    toUnixTimestamp64Micro(w.window_to) AS windowTo,
    toUnixTimestamp64Micro(v.judged_at) AS judgedAt,
    v.open AS open
FROM
(
    SELECT reconciliation, revision, any(verdicts.judged_at) AS judged_at, any(verdicts.open) AS open
    FROM verdicts
    WHERE reconciliation IN
    (
        SELECT reconciliation
        FROM windows
        WHERE window_to > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
          AND (empty({processes:Array(String)}) OR process IN {processes:Array(String)})
    )
    GROUP BY reconciliation, revision
) AS v
INNER JOIN
(
    SELECT reconciliation, any(windows.process) AS process, any(windows.window_to) AS window_to
    FROM windows
    WHERE window_to > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND (empty({processes:Array(String)}) OR process IN {processes:Array(String)})
    GROUP BY reconciliation
) AS w ON w.reconciliation = v.reconciliation
WHERE v.judged_at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
ORDER BY v.judged_at, v.reconciliation, v.revision
