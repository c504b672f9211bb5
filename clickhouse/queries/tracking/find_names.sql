-- What was received under these identities (128 bits each, in hexadecimal), by name alone: few columns, since each costs a read for each identity.
WITH asked AS
(
    SELECT toFixedString(substring(unhex({identities:String}), number * 16 + 1, 16), 16)
    FROM numbers(intDiv(length({identities:String}), 32))
)
SELECT
    lower(hex(identity)) AS identity,
    attempt,
    lower(hex(reinterpretAsFixedString(payload_hash))) AS payloadHash,
    if(outcome = 'sampled_out', 'sampledOut', toString(outcome)) AS outcome
FROM tracking_identities
WHERE tracking_identities.generation = {generation:UInt8} AND tracking_identities.identity IN asked
-- Thousands of small reads out of the page cache: threads that read for others would cost more than the reads.
SETTINGS local_filesystem_read_method = 'pread'
