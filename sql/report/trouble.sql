-- When something was wrong
--
-- Times in which something inside was degraded, the newest first: which state, in what words
-- the log told of it, since when, until when (empty: it goes on), and for how many seconds.
--
-- since: 30d
-- top: 100
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 30 * 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
)
SELECT begun, ended, (ifnull(ended_at, until) - begun_at + 500000) / 1000000 AS lasted_seconds,
	state, said
FROM v_trouble, period
WHERE begun_at < until AND (ended_at IS NULL OR ended_at >= since)
ORDER BY begun_at DESC, state
LIMIT ifnull(:top, 100);
