-- Certificates, the newest first, behind one of them.
SELECT certificate, run, document, sequence, toUnixTimestamp64Micro(issued_at) AS issuedAt
FROM retention_certificates FINAL
WHERE (issued_at, certificate) < (fromUnixTimestamp64Micro({beforeAt:Int64}, 'UTC'), {beforeCertificate:String})
ORDER BY issued_at DESC, certificate DESC
LIMIT {limit:UInt32}
