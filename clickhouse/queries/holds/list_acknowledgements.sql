-- When custodians of some holds first said that they know.
SELECT
    hold,
    custodian,
    toUnixTimestamp64Micro(min(acknowledged_at)) AS at,
    argMin(hold_acknowledgements.via, acknowledged_at) AS via,
    argMin(acknowledged_by, acknowledged_at) AS by
FROM hold_acknowledgements
WHERE hold IN {holds:Array(String)}
GROUP BY hold, custodian
ORDER BY hold, custodian
SETTINGS select_sequential_consistency = 1
