-- Takes an acceptance back: what it accepted is open again when the window is judged next.
DELETE FROM acceptances
WHERE reconciliation = {reconciliation:String} AND acceptance = {acceptance:String}
