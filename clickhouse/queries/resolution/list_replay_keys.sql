-- A batch of the keys that a decision wants sent again, each once, in the order of their hashes.
SELECT DISTINCT key, hex(sipHash128(key)) AS place
FROM resolution_replays
WHERE reconciliation = {reconciliation:String} AND rule = {rule:String} AND decision = {decision:String}
  AND hex(sipHash128(key)) > {after:String}
ORDER BY place
LIMIT {limit:UInt32}
