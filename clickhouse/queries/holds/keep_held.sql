-- Copies the rows of a partition that are held, by the keys that were noted and by processes that are held as a whole, to where they wait for the swap.
INSERT INTO {tracking_records:Identifier}
SELECT *
FROM tracking_records
WHERE _partition_id = {partition:String}
  AND (
      process IN {processes:Array(String)}
      OR (process, key) IN (SELECT process, key FROM held_keys WHERE finding = {finding:String})
  )
SETTINGS select_sequential_consistency = 1, deduplicate_insert_select = 'disable'
