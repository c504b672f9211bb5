-- When findings were opened and closed in (from, to], in the order of their times, and which were open before.
SELECT s.finding AS finding, f.kind AS kind, f.process AS process, s.changedAt AS changedAt, s.isOpen AS isOpen
FROM
(
    SELECT
        finding,
        {from:Int64} AS changedAt,
        argMax(step, (at, step)) IN ('found', 'reopened', 'triaged') AS isOpen
    FROM finding_steps
    WHERE step <= 'accepted' AND at <= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
    GROUP BY finding
    HAVING isOpen
    UNION ALL
    SELECT DISTINCT finding, toUnixTimestamp64Micro(at) AS changedAt, step IN ('found', 'reopened', 'triaged') AS isOpen
    FROM finding_steps
    WHERE step <= 'accepted'
      AND at > fromUnixTimestamp64Micro({from:Int64}, 'UTC')
      AND at <= fromUnixTimestamp64Micro({to:Int64}, 'UTC')
) AS s
INNER JOIN
(
    SELECT finding, any(findings.kind) AS kind, any(findings.process) AS process
    FROM findings
    GROUP BY finding
) AS f ON f.finding = s.finding
ORDER BY s.changedAt, s.finding
