-- Holds that are in force. Scopes of those alone that are asked as queries: the others are looked up.
SELECT
    hold,
    max(holds.version) AS version,
    toString(argMax(holds.kind, holds.version)) AS kind,
    argMax(holds.processes, holds.version) AS processes,
    if(kind = 'query', JSONExtractRaw(argMax(terms, holds.version), 'scope'), '') AS scope,
    JSONExtract(argMax(terms, holds.version), 'scope', 'classes', 'Array(String)') AS classes
FROM holds
GROUP BY hold
HAVING argMax(holds.state, holds.version) IN ('in_force', 'releasing')
ORDER BY hold
SETTINGS select_sequential_consistency = 1, prefer_column_name_to_alias = 0
