-- What became of a webhook's event.
SELECT outcome
FROM webhook_deliveries
WHERE event_id = {id:String}
LIMIT 1
