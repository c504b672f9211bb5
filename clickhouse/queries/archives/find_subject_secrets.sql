-- Keys of some subjects of an archive's key; of a subject that was erased, or never had one, no row.
SELECT subject, secret
FROM archive_subject_keys
WHERE key_id = {keyId:String} AND subject IN {subjects:Array(String)}
LIMIT 1000000
