-- Notes the keys of a partition that holds in force look up: process and key, or a subject by its names.
INSERT INTO held_keys (finding, process, key, found_at)
WITH
    current AS
    (
        SELECT hold, max(holds.version)
        FROM holds
        GROUP BY hold
        HAVING argMax(holds.state, holds.version) IN ('in_force', 'releasing')
    ),
    names AS (SELECT DISTINCT process, name FROM hold_names WHERE (hold, version) IN (SELECT * FROM current))
SELECT DISTINCT {finding:String}, process, key, fromUnixTimestamp64Micro({foundAt:Int64}, 'UTC')
FROM tracking_records
WHERE _partition_id = {partition:String}
  AND (
      (process, key) IN (SELECT process, name FROM names WHERE process != '')
      OR key IN (SELECT name FROM names WHERE process = '')
      OR correlation_id IN (SELECT name FROM names WHERE process = '' AND name != '')
  )
SETTINGS select_sequential_consistency = 1
