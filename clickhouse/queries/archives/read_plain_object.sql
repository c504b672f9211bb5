-- Counts the rows of an object in which nothing is personal, and sums their hashes as they were summed when it was written.
INSERT INTO archive_readings (reading, rows, hash, erased)
SELECT
    {reading:String},
    count(),
    sum(cityHash64(
        process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, occurred_text, occurred_note, origin_at, origin_from,
        origin_text, origin_note, received_at, first_received_at, correlation_id, sequence IS NULL, ifNull(sequence, 0), status, class, test, manual, synthetic, identity,
        payload_hash, sign, digest, definition, agreed, attributes, contract_version, weight, categories, sensitivity, owner, form, data
    )),
    0
FROM input('process String, key String, stage String, source String, id String, attempt UInt16, type String, outcome String, reason String, field String, occurred_at DateTime64(6, \'UTC\'), occurred_text String, occurred_note String, origin_at DateTime64(6, \'UTC\'), origin_from String, origin_text String, origin_note String, received_at DateTime64(6, \'UTC\'), first_received_at DateTime64(6, \'UTC\'), correlation_id String, sequence Nullable(UInt64), status String, class String, test Bool, manual Bool, synthetic Bool, identity FixedString(16), payload_hash UInt64, sign Int8, digest Int64, definition UInt32, agreed String, attributes String, contract_version UInt16, weight Float64, categories String, sensitivity String, owner String, form String, data String, subject String, personal String')
FORMAT Parquet
