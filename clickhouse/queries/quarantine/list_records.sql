-- What quarantined records hold now: as a patch left them, or as they came.
SELECT
    records.item AS item,
    if(patches.item = '', records.data, patches.record) AS record,
    patches.item != '' AS isPatched
FROM
(
    SELECT concat(lower(hex(identity)), '-', lower(hex(reinterpretAsFixedString(payload_hash)))) AS item, base64Encode(data) AS data
    FROM tracking_records
    WHERE class = 'quarantine' AND outcome = 'quarantined' AND lower(hex(identity)) IN {identities:Array(String)}
) AS records
LEFT JOIN
(
    SELECT item, base64Encode(argMax(record, at)) AS record
    FROM quarantine_steps
    WHERE item IN {items:Array(String)} AND step = 'patched'
    GROUP BY item
) AS patches USING (item)
WHERE records.item IN {items:Array(String)}
