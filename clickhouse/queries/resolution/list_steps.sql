-- What became of some proposals, in order.
SELECT s.decision AS decision, step, toUnixTimestamp64Micro(s.at) AS at, s.by AS by, r.text AS remark, windows, discrepancies,
       toUnixTimestamp64Micro(deadline) AS deadline
FROM (SELECT decision, step, at, by, remark, windows, discrepancies, deadline FROM decision_steps FINAL WHERE decision IN {decisions:Array(String)}) AS s
LEFT JOIN (SELECT remark, any(text) AS text FROM decision_remarks WHERE decision IN {decisions:Array(String)} GROUP BY remark) AS r ON r.remark = s.remark
ORDER BY decision, s.at
