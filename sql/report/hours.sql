-- The busiest hours
--
-- Hours (UTC) with most messages of all mail, how many of these were refused, held or
-- discarded, and how many came in the busiest minute of it (empty: minutes are not kept so
-- long).
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
)
SELECT time, messages, refused,
	(SELECT MAX(m.messages) FROM v_traffic_minutes m
		WHERE m.policy = 'all' AND m.start >= h.start AND m.start < h.start + 3600)
		AS peak_minute
FROM v_traffic_hours h
WHERE policy = 'all' AND start >= (SELECT since / 3600000000 * 3600 FROM period)
	AND start < (SELECT until / 1000000 FROM period)
ORDER BY messages DESC, time
LIMIT ifnull(:top, 20);
