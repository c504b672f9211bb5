-- Comparisons, newest first, each as far as it is: by its result, or by the last segment that was finished.
WITH page AS
(
    SELECT comparison, definition, definition_version, body, asked_by, asked_at, scheduled
    FROM comparisons
    WHERE ({comparison:String} = '' OR comparison = {comparison:String})
      AND ({definition:String} = '' OR definition = {definition:String})
      AND (asked_at, comparison) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {beforeId:String})
    ORDER BY asked_at DESC, comparison DESC
    LIMIT 1 BY comparison
    LIMIT {limit:UInt32}
)
SELECT p.comparison AS comparison, p.definition AS definition, p.definition_version AS version, p.body AS body, p.asked_by AS askedBy,
       toUnixTimestamp64Micro(p.asked_at) AS askedAt, p.scheduled AS scheduled, if(r.comparison = '', 'running', r.state) AS state,
       toUnixTimestamp64Micro(r.ended_at) AS endedAt, r.result AS result, r.failure_code AS failureCode, r.failure_detail AS failureDetail,
       if(r.comparison = '', s.executions, r.executions) AS executions, if(r.comparison = '', s.ends, r.ends) AS ends,
       if(r.comparison = '', s.key_columns, r.key_columns) AS keyColumns, if(r.comparison = '', s.compared_columns, r.compared_columns) AS comparedColumns,
       if(r.comparison = '', s.added, r.added) AS added, if(r.comparison = '', s.removed, r.removed) AS removed,
       if(r.comparison = '', s.changed, r.changed) AS changed, if(r.comparison = '', s.same, r.same) AS same,
       if(r.comparison = '', s.rows, r.rows) AS rows, if(r.comparison = '', s.bytes, r.bytes) AS bytes, if(r.comparison = '', s.seconds, r.seconds) AS seconds
FROM page AS p
LEFT JOIN (SELECT * FROM comparison_results WHERE comparison IN (SELECT comparison FROM page) ORDER BY ended_at LIMIT 1 BY comparison) AS r ON r.comparison = p.comparison
LEFT JOIN
(
    SELECT * FROM comparison_segments WHERE comparison IN (SELECT comparison FROM page) ORDER BY segment DESC, execution DESC LIMIT 1 BY comparison
) AS s ON s.comparison = p.comparison
ORDER BY p.asked_at DESC, p.comparison DESC
