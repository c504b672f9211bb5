-- Whether PagerDuty was told of a state of a change.
SELECT count() AS count
FROM change_announcements
WHERE change = {change:String} AND state = {state:String}
