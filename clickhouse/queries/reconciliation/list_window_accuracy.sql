-- Windows of a process that were first judged in [from, to): when, how many events the stages that the process begins at had when they were judged last before `asOf`, and how many
-- of their keys were mutated or duplicate then. Also those that somebody accepted: they were not right.
SELECT
    v.judgedAt AS judgedAt,
    arraySum(one -> v.counts[one], {first:Array(String)}) AS events,
    least(toUInt64(greatest(arraySum(one -> v.counts[one], {first:Array(String)}), 0)), uniqExactIf(d.key, d.kind IN ('mutated', 'duplicate'))) AS wrong
FROM
(
    SELECT
        reconciliation,
        toUnixTimestamp64Micro(min(judged_at)) AS judgedAt,
        argMax(stage_counts, revision) AS counts,
        argMax(judgement, revision) AS judgement
    FROM verdicts
    WHERE reconciliation IN (SELECT reconciliation FROM windows WHERE process = {process:String})
      AND judged_at < fromUnixTimestamp64Micro({asOf:Int64}, 'UTC')
    GROUP BY reconciliation
    HAVING judgedAt >= {from:Int64} AND judgedAt < {to:Int64}
) AS v
LEFT JOIN
(
    SELECT reconciliation, judgement, key, kind
    FROM discrepancies
    WHERE reconciliation IN (SELECT reconciliation FROM windows WHERE process = {process:String})
      AND kind IN ('mutated', 'duplicate')
      AND judged_at >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
) AS d ON d.reconciliation = v.reconciliation AND d.judgement = v.judgement
GROUP BY v.reconciliation, v.judgedAt, v.counts
ORDER BY judgedAt
LIMIT 100000
