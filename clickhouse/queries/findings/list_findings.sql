-- Which findings a page has, newest first, before a place in that order. A state is what the steps add up to: they are read where it is asked for.
SELECT f.finding AS finding
FROM
(
    SELECT finding, any(findings.found_at) AS found_at, argMax(findings.owner, observed_to) AS owner
    FROM findings
    WHERE ({kind:String} = '' OR kind = {kind:String})
      AND ({source:String} = '' OR source = {source:String})
      AND ({process:String} = '' OR process = {process:String})
      AND ({severity:String} = '' OR severity = {severity:String})
      AND (toUnixTimestamp64Micro(findings.found_at), finding) < ({beforeAt:Int64}, {before:String})
    GROUP BY finding
) AS f
LEFT JOIN
(
    SELECT
        finding,
        argMaxIf(multiIf(step IN ('found', 'reopened'), 'open', toString(step)), (at, step), step <= 'accepted') AS state,
        argMaxIf(finding_steps.owner, at, finding_steps.owner != '') AS owner
    FROM finding_steps
    WHERE ({state:String} != '' OR {owner:String} != '')
      AND finding IN
      (
          SELECT finding
          FROM findings
          WHERE ({kind:String} = '' OR kind = {kind:String})
            AND ({source:String} = '' OR source = {source:String})
            AND ({process:String} = '' OR process = {process:String})
            AND ({severity:String} = '' OR severity = {severity:String})
            AND (toUnixTimestamp64Micro(findings.found_at), finding) < ({beforeAt:Int64}, {before:String})
      )
    GROUP BY finding
) AS s ON s.finding = f.finding
WHERE ({state:String} = '' OR s.state = {state:String})
  AND ({owner:String} = '' OR if(s.owner = '', f.owner, s.owner) = {owner:String})
ORDER BY f.found_at DESC, f.finding DESC
LIMIT {limit:UInt32}
