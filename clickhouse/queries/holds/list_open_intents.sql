-- Deletions that were announced and have not ended, as far as anybody knows.
SELECT
    intent,
    any(of_table) AS table,
    any(deletion_intents.partition) AS partition,
    any(deletion_intents.class) AS class,
    any(deletion_intents.fence) AS fence,
    any(deletion_intents.owner) AS owner,
    any(deletion_intents.seconds) AS seconds,
    toUnixTimestamp64Micro(min(deletion_intents.at)) AS at
FROM deletion_intents
GROUP BY intent
HAVING max(step) = 'open'
ORDER BY intent
SETTINGS select_sequential_consistency = 1
