-- The busiest hours
--
-- Hours (UTC) with most messages of all mail, how many of these were refused, held or
-- discarded, and how many came in the busiest minute of it (empty: minutes are not kept so
-- long).
--
-- The period is rounded to whole hours: those of since and until are in it as a whole.
--
-- From v_traffic_hours and v_traffic_minutes: they count without a history, too.
--
-- since: 30d
-- top: 20
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 30 * 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
),
-- Whole hours, in seconds.
grid (since, until) AS (
	SELECT since / 3600000000 * 3600, (until + 999999) / 1000000 FROM period
),
-- Before hours are kept, minutes may be.
kept (start) AS (
	SELECT ifnull((SELECT start FROM v_traffic_hours ORDER BY start LIMIT 1), 1e12)
),
hour AS (
	SELECT start, messages, refused FROM v_traffic_hours
	WHERE policy = 'all' AND start >= (SELECT since FROM grid)
		AND start < (SELECT until FROM grid)
	UNION ALL
	SELECT start / 3600 * 3600 AS start, SUM(messages), SUM(refused) FROM v_traffic_minutes
	WHERE policy = 'all' AND start >= (SELECT since FROM grid)
		AND start < (SELECT min(start, until) FROM grid, kept)
	GROUP BY 1
)
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', start, 'unixepoch') AS time, messages, refused,
	(SELECT MAX(m.messages) FROM v_traffic_minutes m
		WHERE m.policy = 'all' AND m.start >= h.start AND m.start < h.start + 3600)
		AS peak_minute
FROM hour h
ORDER BY messages DESC, start
LIMIT ifnull(:top, 20);
