-- Findings whose alert is still to be raised or to be ended, the oldest first. Those of one kind, scope and subject page once: of several the oldest, and none that
-- was there when another's alert of the last day was over (a quarter of an hour is for inspections, which find what was received before) or is not over.
SELECT finding
FROM
(
    SELECT
        *,
        pages AND opened_at > max(covered) OVER (PARTITION BY kind, source, process, stage, subject) AS raises
    FROM
    (
        SELECT
            f.finding AS finding,
            f.kind AS kind,
            f.source AS source,
            f.process AS process,
            f.stage AS stage,
            f.subject AS subject,
            f.found_at AS found_at,
            s.opened_at AS opened_at,
            s.is_open AND f.policy != '' AND NOT has(s.alerted, s.current) AS pages,
            arrayExists(one -> NOT has(s.ended, one) AND (NOT s.is_open OR one != s.current), s.alerted) AS ends,
            multiIf(
                s.alerted_at <= fromUnixTimestamp64Micro({at:Int64} - 86400000000, 'UTC'), toDateTime64(0, 6, 'UTC'),
                hasAll(s.ended, s.alerted), s.ended_at - INTERVAL 15 MINUTE,
                fromUnixTimestamp64Micro({at:Int64}, 'UTC')
            ) AS covered
        FROM
        (
            SELECT
                finding,
                any(findings.kind) AS kind,
                any(findings.source) AS source,
                any(findings.process) AS process,
                any(findings.stage) AS stage,
                any(findings.subject) AS subject,
                any(findings.found_at) AS found_at,
                argMax(findings.policy, observed_to) AS policy
            FROM findings
            WHERE finding IN (SELECT finding FROM findings WHERE policy != '')
               OR finding IN (SELECT finding FROM finding_steps WHERE step = 'alerted')
            GROUP BY finding
        ) AS f
        INNER JOIN
        (
            SELECT
                finding,
                argMaxIf(step, (at, step), step <= 'accepted') IN ('found', 'reopened', 'triaged') AS is_open,
                maxIf(at, step IN ('found', 'reopened')) AS opened_at,
                concat('finding-', finding, '.', toString(1 + uniqExactIf(at, step = 'reopened'))) AS current,
                groupUniqArrayIf(alert, step = 'alerted') AS alerted,
                groupUniqArrayIf(alert, step = 'alert_ended') AS ended,
                maxIf(at, step = 'alerted') AS alerted_at,
                maxIf(at, step = 'alert_ended') AS ended_at
            FROM finding_steps
            WHERE finding IN (SELECT finding FROM findings WHERE policy != '')
               OR finding IN (SELECT finding FROM finding_steps WHERE step = 'alerted')
            GROUP BY finding
        ) AS s ON s.finding = f.finding
    )
)
WHERE ends OR raises
ORDER BY found_at, finding
-- Each that has something to end, and of those to be raised the first.
LIMIT 1 BY kind, source, process, stage, subject, if(ends, finding, '')
LIMIT {limit:UInt32}
