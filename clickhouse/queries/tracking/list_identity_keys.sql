-- Keys that names of records were made with.
SELECT DISTINCT fingerprint FROM tracking_identity_keys
