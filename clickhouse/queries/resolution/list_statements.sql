-- Statements about a period, newest first.
SELECT statement, gate, period, gate_version AS gateVersion, issued_by AS issuedBy, toUnixTimestamp64Micro(issued_at) AS issuedAt, signature
FROM statements
WHERE period = {period:String} AND ({gate:String} = '' OR gate = {gate:String})
ORDER BY issued_at DESC
LIMIT 1 BY statement
LIMIT 1000
