-- Differs, by kind, after every change of a document of the kind: versions are only ever added.
SELECT kind, concat(toString(uniqExact(id, version)), '/', toString(max(changed_at))) AS changes
FROM documents
GROUP BY kind
