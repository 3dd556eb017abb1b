-- Who is near a limit now
--
-- Objects that have used 80 percent of a limit or more, the fullest first: used is how much of
-- it, share the same in percent, room what is left (what is granted for a while counts, too).
-- pool is that for which a general policy counts apart.  `counter list object=NAME` says when
-- there will be room again.
--
-- This is about now: since and until change nothing.
--
-- top: 20
--
-- SPDX-License-Identifier: Apache-2.0
SELECT object, policy, "limit", pool, used, max(0, amount - used) AS room,
	iif(amount > 0, round(100.0 * used / amount, 1), 100.0) AS share
FROM v_usage
WHERE used * 5 >= amount * 4
ORDER BY share DESC, used DESC, object, policy, "limit"
LIMIT ifnull(:top, 20);
