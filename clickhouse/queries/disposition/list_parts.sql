-- What the engine has of a partition on disk: parts that count, those that it has not removed yet, and mutations that are under way.
SELECT
    countIf(active) AS parts,
    sumIf(p.rows, active) AS rows,
    countIf(NOT active AND p.rows > 0) AS leftovers,
    (SELECT count() FROM system.mutations WHERE database = currentDatabase() AND table = 'tracking_records' AND NOT is_done) AS mutations
FROM system.parts AS p
WHERE database = currentDatabase() AND table = 'tracking_records' AND partition_id = {partition:String}
