-- Holds in force of a key of a process by look-up: as a key, or as a name of a subject, also where one of its records says the name as its correlation id.
SELECT DISTINCT hold
FROM hold_names
WHERE (
      (process IN ({process:String}, '') AND name = {key:String})
      OR (
          process = ''
          AND name IN (SELECT correlation_id FROM tracking_records WHERE process = {process:String} AND key = {key:String} AND correlation_id != '')
      )
  )
  AND (hold, version) IN
  (
      SELECT hold, max(holds.version) FROM holds GROUP BY hold HAVING argMax(holds.state, holds.version) IN ('in_force', 'releasing')
  )
ORDER BY hold
SETTINGS select_sequential_consistency = 1
