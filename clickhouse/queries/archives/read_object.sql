-- Counts the rows of an object and sums their hashes as they were summed when it was written; what is personal is opened with the key of its subject. Rows whose subject has no key any more are counted, and their hashes are not.
INSERT INTO archive_readings (reading, rows, hash, erased)
WITH
    -- The functions want a key and a nonce of the right length also where there is nothing to open.
    if(k.secret = '', repeat('\0', 32), k.secret) AS opening,
    tryBase64Decode(f.personal) AS sealed,
    substring(concat(sealed, repeat('\0', 12)), 1, 12) AS nonce,
    tryDecrypt('aes-256-gcm', substring(sealed, 13), opening, nonce, f.identity) AS told,
    position(ifNull(told, ''), '\n') AS body,
    arrayMap(x -> toUInt32OrZero(x), splitByChar(',', substring(ifNull(told, ''), 1, if(body = 0, 0, body - 1)))) AS lengths,
    f.subject != '' AND k.subject = '' AS is_erased
SELECT
    {reading:String},
    count(),
    sum(if(is_erased, 0, cityHash64(
        f.process,
        f.key,
        f.stage,
        f.source,
        f.id,
        f.attempt,
        f.type,
        f.outcome,
        f.reason,
        f.field,
        f.occurred_at,
        f.occurred_text,
        f.occurred_note,
        f.origin_at,
        f.origin_from,
        f.origin_text,
        f.origin_note,
        f.received_at,
        f.first_received_at,
        if(f.subject = '', f.correlation_id, substring(ifNull(told, ''), body + 1, lengths[1])),
        f.sequence IS NULL,
        ifNull(f.sequence, 0),
        f.status,
        f.class,
        f.test,
        f.manual,
        f.synthetic,
        f.identity,
        f.payload_hash,
        f.sign,
        f.digest,
        f.definition,
        if(f.subject = '', f.agreed, substring(ifNull(told, ''), body + 1 + lengths[1], lengths[2])),
        if(f.subject = '', f.attributes, substring(ifNull(told, ''), body + 1 + lengths[1] + lengths[2], lengths[3])),
        f.contract_version,
        f.weight,
        f.categories,
        f.sensitivity,
        f.owner,
        f.form,
        if(f.subject = '', f.data, substring(ifNull(told, ''), body + 1 + lengths[1] + lengths[2] + lengths[3], lengths[4]))
    ))),
    countIf(is_erased)
FROM input('process String, key String, stage String, source String, id String, attempt UInt16, type String, outcome String, reason String, field String, occurred_at DateTime64(6, \'UTC\'), occurred_text String, occurred_note String, origin_at DateTime64(6, \'UTC\'), origin_from String, origin_text String, origin_note String, received_at DateTime64(6, \'UTC\'), first_received_at DateTime64(6, \'UTC\'), correlation_id String, sequence Nullable(UInt64), status String, class String, test Bool, manual Bool, synthetic Bool, identity FixedString(16), payload_hash UInt64, sign Int8, digest Int64, definition UInt32, agreed String, attributes String, contract_version UInt16, weight Float64, categories String, sensitivity String, owner String, form String, data String, subject String, personal String') AS f
LEFT ANY JOIN (SELECT subject, unhex(secret) AS secret FROM archive_subject_keys WHERE key_id = {keyId:String}) AS k ON k.subject = f.subject
FORMAT Parquet
