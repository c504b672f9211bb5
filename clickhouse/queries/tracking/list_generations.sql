-- Generations of identities, and how many rows each has.
SELECT generation, count() AS identities
FROM tracking_identities
GROUP BY generation
ORDER BY generation
