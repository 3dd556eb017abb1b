-- Hours of the week
--
-- Each hour (UTC) of the period with its weekday and its messages: what a picture of when there
-- is much mail is made of.  Hours without mail are left out.
--
-- The period is rounded to whole hours: those of since and until are in it as a whole.
--
-- From v_traffic_hours, or, where these are not kept, v_traffic_minutes: they count without a
-- history, too.
--
-- since: 28d
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 28 * 86400000000,
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
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', start, 'unixepoch') AS time,
	substr('SunMonTueWedThuFriSat', 1 + 3 * strftime('%w', start, 'unixepoch'), 3) AS weekday,
	start / 3600 % 24 AS hour, messages, refused
FROM hour
ORDER BY start;
