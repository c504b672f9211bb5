-- Whether anybody was ever let in.
SELECT uniqExact(id) AS principals
FROM principals
