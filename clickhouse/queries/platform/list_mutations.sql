-- Mutations of a table that it did not have at a time, oldest first, and whether each is what a statement asked for. The engine notes each command of a
-- statement as it would write it itself; space is left out of the comparison.
SELECT
    mutation_id AS id,
    sum(parts_to_do) AS parts,
    min(is_done) = 1 AS done,
    max(latest_fail_reason) AS failure,
    endsWith(
        replaceRegexpAll(formatQuerySingleLine({statement:String}), '\\s', ''),
        replaceRegexpAll(arrayStringConcat(groupArray(command), ','), '\\s', '')
    ) AS asked
FROM system.mutations
WHERE database = currentDatabase() AND table = {table:String} AND NOT has({before:Array(String)}, mutation_id)
GROUP BY mutation_id
ORDER BY min(create_time), mutation_id
