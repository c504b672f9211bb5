-- The verified archive whose last drill is the longest ago, those that had none first.
SELECT a.archive AS archive
FROM archives AS a FINAL
LEFT JOIN (SELECT archive, max(at) AS last FROM archive_drills GROUP BY archive) AS d ON d.archive = a.archive
WHERE a.state = 'verified'
ORDER BY d.last, a.requested_at, a.archive
LIMIT 1
