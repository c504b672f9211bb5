-- How many rows were restored, the sum of their hashes, and how many of them had been erased.
SELECT
    count() AS rows,
    sum(if(is_erased, 0, cityHash64(
        process, key, stage, source, id, attempt, type, outcome, reason, field, occurred_at, occurred_text, occurred_note, origin_at, origin_from,
        origin_text, origin_note, received_at, first_received_at, correlation_id, sequence IS NULL, ifNull(sequence, 0), status, class, test, manual, synthetic, identity,
        payload_hash, sign, digest, definition, agreed, attributes, contract_version, weight, categories, sensitivity, owner, form, data
    ))) AS hash,
    countIf(is_erased) AS erased
FROM archive_restored_records
WHERE restore = {restore:String}
