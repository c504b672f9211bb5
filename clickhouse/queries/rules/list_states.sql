-- What series were at in a round; of one rule, or of all where it is ''.
SELECT
    rule,
    series,
    version,
    state,
    toUnixTimestamp64Micro(since) AS since,
    toUnixTimestamp64Micro(evaluated_at) AS evaluatedAt,
    value,
    expected,
    deviation,
    fault,
    held,
    toUnixTimestamp64Micro(firing_since) AS firingSince,
    toUnixTimestamp64Micro(firing_first) AS firingFirst,
    toUnixTimestamp64Micro(firing_begun) AS firingBegun,
    cause,
    severity,
    toUnixTimestamp64Micro(clear_since) AS clearSince,
    toUnixTimestamp64Micro(seen_at) AS seenAt,
    pace
FROM rule_states
WHERE round = {round:UInt64}
  AND rule != ''
  AND ({rule:String} = '' OR rule = {rule:String})
ORDER BY rule, series
