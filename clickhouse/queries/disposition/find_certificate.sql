-- A certificate by its id, or that of a run.
SELECT certificate, run, document, sequence, toUnixTimestamp64Micro(issued_at) AS issuedAt
FROM retention_certificates FINAL
WHERE ({certificate:String} != '' AND certificate = {certificate:String}) OR ({certificate:String} = '' AND run = {run:String})
LIMIT 1
SETTINGS select_sequential_consistency = 1
