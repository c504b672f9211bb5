-- How far an inspection has come, and where the slice ends that it began then.
SELECT toUnixTimestamp64Micro(max(inspected_to)) AS inspectedTo, toUnixTimestamp64Micro(max(planned_to)) AS plannedTo
FROM inspection_marks
WHERE inspection = {inspection:String}
HAVING count() > 0
