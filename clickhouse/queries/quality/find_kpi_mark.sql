-- Up to when arrivals are in the KPIs.
SELECT toUnixTimestamp64Micro(max(measured_to)) AS to
FROM kpi_marks
WHERE mark = 'kpis'
HAVING count() > 0
