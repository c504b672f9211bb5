-- What was counted in one reading of an object.
SELECT rows, hash, erased FROM archive_readings FINAL WHERE reading = {reading:String}
