-- One statement by its id, as it was signed.
SELECT statement, gate, period, gate_version AS gateVersion, issued_by AS issuedBy, toUnixTimestamp64Micro(issued_at) AS issuedAt, signature
FROM statements
WHERE statement = {statement:String}
LIMIT 1
