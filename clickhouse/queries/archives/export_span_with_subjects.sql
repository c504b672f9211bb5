-- The rows of a span as Parquet, what is personal in them sealed under the key of its subject: AES-256-GCM, the nonce in front, made from key and text, so that the same text under the same key alone has the same. A row whose subject has no key stops it.
WITH
    r.categories != '' OR r.sensitivity != 'public' AS is_personal,
    lower(hex(substring(SHA256(concat(r.process, '\0', r.key)), 1, 16))) AS subject_id,
    concat(toString(length(r.correlation_id)), ',', toString(length(r.agreed)), ',', toString(length(r.attributes)), ',', toString(length(r.data)), '\n', r.correlation_id, r.agreed, r.attributes, r.data) AS told,
    -- The function wants a key of the right length also where there is nothing to seal.
    if(k.secret = '', repeat('\0', 32), k.secret) AS opening,
    substring(SHA256(concat(opening, told)), 1, 12) AS nonce
SELECT
    r.process AS process,
    r.key AS key,
    r.stage AS stage,
    r.source AS source,
    r.id AS id,
    r.attempt AS attempt,
    r.type AS type,
    toString(r.outcome) AS outcome,
    r.reason AS reason,
    r.field AS field,
    r.occurred_at AS occurred_at,
    r.occurred_text AS occurred_text,
    toString(r.occurred_note) AS occurred_note,
    r.origin_at AS origin_at,
    toString(r.origin_from) AS origin_from,
    r.origin_text AS origin_text,
    toString(r.origin_note) AS origin_note,
    r.received_at AS received_at,
    r.first_received_at AS first_received_at,
    if(is_personal, '', r.correlation_id) AS correlation_id,
    r.sequence AS sequence,
    toString(r.status) AS status,
    toString(r.class) AS class,
    r.test AS test,
    r.manual AS manual,
    r.synthetic AS synthetic,
    r.identity AS identity,
    r.payload_hash AS payload_hash,
    r.sign AS sign,
    r.digest AS digest,
    r.definition AS definition,
    if(is_personal, '', r.agreed) AS agreed,
    if(is_personal, '', r.attributes) AS attributes,
    r.contract_version AS contract_version,
    r.weight AS weight,
    r.categories AS categories,
    r.sensitivity AS sensitivity,
    r.owner AS owner,
    toString(r.form) AS form,
    if(is_personal, '', r.data) AS data,
    if(is_personal, subject_id, '') AS subject,
    if(
        is_personal AND NOT throwIf(is_personal AND k.subject != subject_id, 'a subject has no key'),
        base64Encode(concat(nonce, encrypt('aes-256-gcm', told, opening, nonce, r.identity))),
        ''
    ) AS personal
FROM tracking_records AS r
LEFT ANY JOIN (SELECT subject, unhex(secret) AS secret FROM archive_subject_keys WHERE key_id = {keyId:String}) AS k ON k.subject = subject_id
WHERE r.class = {class:String}
    AND toYYYYMM(r.received_at) = {period:UInt32}
    AND (r.process, r.origin_hour) >= ({fromProcess:String}, toDateTime({fromHour:UInt32}, 'UTC'))
    AND (r.process, r.origin_hour) <= ({toProcess:String}, toDateTime({toHour:UInt32}, 'UTC'))
ORDER BY r.process, r.origin_hour, r.key, r.stage
FORMAT Parquet
SETTINGS output_format_parquet_compression_method = 'zstd', output_format_parquet_row_group_size = 100000, output_format_parquet_version = '2.latest', output_format_parquet_string_as_string = 1,
    output_format_parquet_fixed_string_as_fixed_byte_array = 1, optimize_read_in_order = 1
