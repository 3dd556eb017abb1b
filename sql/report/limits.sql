-- How full the limits are now
--
-- For each limit: how many objects use something of it, how full the fullest of them is, in
-- percent, and how many have used 50, 80 and 100 percent or more.  What is granted to an object
-- for a while counts as its room.  A limit of which nobody uses anything is not here.
--
-- This is about now: since and until change nothing.
--
-- SPDX-License-Identifier: Apache-2.0
WITH
usage AS (
	SELECT policy, period, pool,
		iif(granted > 0, (amount - granted) || substr("limit", instr("limit", '/')), "limit")
			AS "limit",
		iif(amount > 0, 100.0 * used / amount, 100.0) AS share
	FROM v_usage
)
SELECT policy, "limit", pool, COUNT(*) AS objects, round(MAX(share), 1) AS fullest,
	SUM(share >= 50) AS at_50, SUM(share >= 80) AS at_80, SUM(share >= 100) AS at_100
FROM usage
GROUP BY policy, period, pool
ORDER BY fullest DESC, policy, period, pool;
