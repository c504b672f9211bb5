-- Differs after every change of a document of the kind: versions are only ever added.
SELECT concat(toString(uniqExact(id, version)), '/', toString(max(changed_at))) AS changes
FROM documents
WHERE kind = {kind:String}
