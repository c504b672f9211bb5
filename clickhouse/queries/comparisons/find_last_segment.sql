-- The last segment of a comparison that was finished: an execution goes on behind it.
SELECT execution, segment, executions, ends, key_columns AS keyColumns, compared_columns AS comparedColumns, resume
FROM comparison_segments
WHERE comparison = {comparison:String}
ORDER BY segment DESC, execution DESC
LIMIT 1
