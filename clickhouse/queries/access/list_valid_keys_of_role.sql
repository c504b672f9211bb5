-- Keys that work at a time and whose principal has a role.
SELECT k.id AS id, k.principal AS principal
FROM
(
    SELECT id, anyIf(principal, event = 'created') AS principal
    FROM api_keys
    GROUP BY id
    HAVING countIf(event = 'created') > 0
        AND countIf(event = 'revoked') = 0
        AND (anyIf(toUnixTimestamp64Micro(expires_at), event = 'created') = 0
            OR anyIf(toUnixTimestamp64Micro(expires_at), event = 'created') > {at:Int64})
) AS k
INNER JOIN
(
    SELECT id, argMax(roles, at) AS roles
    FROM principals
    GROUP BY id
) AS p ON p.id = k.principal
WHERE has(p.roles, {role:String})
ORDER BY id
