-- What of a measure is counted.
SELECT
    toUnixTimestamp64Micro(argMax(measured_from, marked_at)) AS from,
    toUnixTimestamp64Micro(argMax(measured_to, marked_at)) AS to
FROM objective_marks
WHERE measure = {measure:String}
HAVING count() > 0
