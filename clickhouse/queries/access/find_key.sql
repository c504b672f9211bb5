-- One key as it is now, with its principal.
WITH
    key AS
    (
        SELECT
            id,
            anyIf(principal, event = 'created') AS principal,
            anyIf(secret_hash, event = 'created') AS secret_hash,
            anyIf(expires_at, event = 'created') AS expires_at,
            countIf(event = 'revoked') > 0 AS revoked
        FROM api_keys
        WHERE id = {id:String}
        GROUP BY id
        HAVING countIf(event = 'created') > 0
    )
SELECT
    key.id AS id,
    key.secret_hash AS secret_hash,
    toUnixTimestamp64Micro(key.expires_at) AS expires_at,
    toBool(key.revoked) AS revoked,
    p.id AS principal,
    p.kind AS kind,
    p.roles AS roles
FROM key
INNER JOIN
(
    SELECT id, argMax(kind, at) AS kind, argMax(roles, at) AS roles
    FROM principals
    WHERE id IN (SELECT principal FROM key)
    GROUP BY id
) AS p ON p.id = key.principal
