-- Hours of the week
--
-- Each hour (UTC) of the period with its weekday and its messages: what a picture of when there
-- is much mail is made of.  Hours without mail are left out.
--
-- From v_traffic_hours: it counts without a history, too.
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
)
SELECT time,
	substr('SunMonTueWedThuFriSat', 1 + 3 * strftime('%w', start, 'unixepoch'), 3) AS weekday,
	start / 3600 % 24 AS hour, messages, refused
FROM v_traffic_hours
WHERE policy = 'all' AND start >= (SELECT since / 3600000000 * 3600 FROM period)
	AND start < (SELECT until / 1000000 FROM period)
ORDER BY start;
