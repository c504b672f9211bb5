-- Windows, newest first, with what they are at.
SELECT
    reconciliation,
    process,
    toUnixTimestamp64Micro(window_from) AS from,
    toUnixTimestamp64Micro(window_to) AS to,
    opened_by AS openedBy,
    toUnixTimestamp64Micro(opened_at) AS openedAt,
    scheduled,
    if(state = '', 'opened', state) AS state,
    revision
FROM
(
    SELECT process, window_from, window_to, any(reconciliation) AS reconciliation, argMin(opened_by, opened_at) AS opened_by, min(opened_at) AS opened_at, argMin(scheduled, opened_at) AS scheduled
    FROM windows
    WHERE ({process:String} = '' OR process = {process:String})
    GROUP BY process, window_from, window_to
) AS w
LEFT JOIN
(
    SELECT reconciliation, argMax(state, (at, seq)) AS state, argMax(revision, (at, seq)) AS revision
    FROM window_transitions
    GROUP BY reconciliation
) AS t USING (reconciliation)
WHERE ({state:String} = '' OR if(state = '', 'opened', state) = {state:String})
  AND (window_from, process, window_to) < (fromUnixTimestamp64Micro({beforeFrom:Int64}, 'UTC'), {beforeProcess:String}, fromUnixTimestamp64Micro({beforeTo:Int64}, 'UTC'))
ORDER BY window_from DESC, process DESC, window_to DESC
LIMIT {limit:UInt32}
