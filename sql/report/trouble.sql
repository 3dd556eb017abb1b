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
	SELECT ifnull(unixepoch(:since), until - 30 * 86400) * 1000000, until * 1000000
	FROM (SELECT ifnull(unixepoch(:until), unixepoch('now') + 1) AS until)
)
SELECT begun, ended, (ifnull(ended_at, until) - begun_at + 500000) / 1000000 AS lasted_seconds,
	state, said
FROM v_trouble, period
WHERE begun_at < until AND (ended_at IS NULL OR ended_at >= since)
ORDER BY begun_at DESC, state
LIMIT ifnull(:top, 100);
