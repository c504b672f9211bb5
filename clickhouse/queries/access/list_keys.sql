-- Keys in the order in which they were created, after a place in that order.
SELECT
    k.id AS id,
    p.id AS principal,
    p.kind AS kind,
    p.roles AS roles,
    toUnixTimestamp64Micro(k.created_at) AS created_at,
    k.created_by AS created_by,
    toUnixTimestamp64Micro(k.expires_at) AS expires_at,
    toUnixTimestamp64Micro(k.revoked_at) AS revoked_at,
    k.revoked_by AS revoked_by
FROM
(
    SELECT
        id,
        anyIf(principal, event = 'created') AS principal,
        anyIf(expires_at, event = 'created') AS expires_at,
        minIf(at, event = 'created') AS created_at,
        anyIf(by, event = 'created') AS created_by,
        maxIf(at, event = 'revoked') AS revoked_at,
        anyIf(by, event = 'revoked') AS revoked_by
    FROM api_keys
    GROUP BY id
    HAVING countIf(event = 'created') > 0
        AND (toUnixTimestamp64Micro(created_at), id) > ({after_at:Int64}, {after_id:String})
) AS k
INNER JOIN
(
    SELECT id, argMax(kind, at) AS kind, argMax(roles, at) AS roles
    FROM principals
    GROUP BY id
) AS p ON p.id = k.principal
ORDER BY created_at, id
LIMIT {limit:UInt32}
