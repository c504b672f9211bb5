-- Whether anybody was ever let in but Holdfast's own prober.
SELECT uniqExact(id) AS principals
FROM principals
WHERE id != 'holdfast-prober'
