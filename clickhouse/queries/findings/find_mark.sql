-- How far an inspection has come.
SELECT toUnixTimestamp64Micro(max(inspected_to)) AS inspectedTo
FROM inspection_marks
WHERE inspection = {inspection:String}
HAVING count() > 0
