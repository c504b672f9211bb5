-- Which version of a document a proposal became.
SELECT version
FROM documents
WHERE kind = {kind:String} AND id = {id:String} AND proposal = {proposal:String}
LIMIT 1
