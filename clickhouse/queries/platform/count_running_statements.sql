-- Whether the engine is still at a statement of a runner that has gone.
SELECT count() AS running
FROM system.processes
WHERE Settings['log_comment'] = {mark:String}
