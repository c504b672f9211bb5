-- The last version of a principal.
SELECT id, kind, roles
FROM principals
WHERE id = {id:String}
ORDER BY at DESC
LIMIT 1
