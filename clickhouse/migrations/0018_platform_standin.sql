-- Stands in for the migration of this number that another branch brings; goes with the merge.
ALTER TABLE documents MODIFY COMMENT '';
