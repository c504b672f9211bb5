-- What is known of the numbers of every source, process and stage.
SELECT source, process, stage, state, toUnixTimestamp64Micro(inspected_to) AS inspectedTo
FROM sequence_states
ORDER BY inspected_to DESC
LIMIT 1 BY source, process, stage
LIMIT 100000
