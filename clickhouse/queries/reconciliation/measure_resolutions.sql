-- How long windows of a process had gaps, of those that were closed in [from, to) with nothing open any more: seconds from the first verdict with gaps since they
-- were last closed, exactly; and how many have gaps at the end.
SELECT
    countIf(closedAt >= {from:Int64}) AS resolved,
    quantilesExactIf(0.5, 0.75, 0.9, 0.95, 0.99)(intDiv(closedAt - openedAt, 1000000), closedAt >= {from:Int64}) AS seconds,
    countIf(closedAt = 0 AND cancelled = 0) AS open
FROM
(
    SELECT
        reconciliation,
        episode,
        minIf(told, state = 'gaps') AS openedAt,
        minIf(told, state IN ('healed', 'accepted')) AS closedAt,
        countIf(state = 'cancelled') AS cancelled
    FROM
    (
        -- An episode ends with what closes it: it is numbered by how many were closed before.
        SELECT
            reconciliation,
            state,
            told,
            countIf(state IN ('matched', 'healed', 'accepted', 'cancelled')) OVER (
                PARTITION BY reconciliation ORDER BY told, run, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS episode
        FROM
        (
            SELECT DISTINCT reconciliation, toString(state) AS state, toUnixTimestamp64Micro(at) AS told, run, seq
            FROM window_transitions
            WHERE reconciliation IN (SELECT reconciliation FROM windows WHERE process = {process:String})
              AND at < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
        )
    )
    GROUP BY reconciliation, episode
    HAVING countIf(state = 'gaps') > 0
)
