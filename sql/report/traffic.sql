-- Messages over time
--
-- All mail by what became of it, in steps that fit the period, so that there are some hundred
-- of them: each begins at time (UTC) and is so many seconds long.  refused sums up what was
-- refused, held or discarded.  Steps are whole, so that the first begins at or before since;
-- those without mail are left out.
--
-- From v_traffic_minutes, v_traffic_hours or v_traffic_days: they count without a history,
-- too.
--
-- since: 1d
--
-- SPDX-License-Identifier: Apache-2.0
WITH
moments (since, until) AS (
	SELECT iif(:since IS NULL, until - 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
),
period (since, until) AS (
	SELECT since / 1000000, (until + 999999) / 1000000 FROM moments
),
-- The first minute that is kept, where hours are kept for longer.
minutes (since) AS (
	SELECT m.start
	FROM (SELECT start FROM v_traffic_minutes ORDER BY start LIMIT 1) m,
		(SELECT start FROM v_traffic_hours ORDER BY start LIMIT 1) h
	WHERE h.start < m.start - 3600
),
grid (step, since, until) AS (
	SELECT CASE
		WHEN until - since > 400 * 21600 THEN 86400
		WHEN until - since > 400 * 10800 THEN 21600
		WHEN until - since > 400 * 3600 THEN 10800
		WHEN until - since > 400 * 900 OR since < (SELECT since FROM minutes) THEN 3600
		WHEN until - since > 400 * 300 THEN 900
		WHEN until - since > 400 * 60 THEN 300
		ELSE 60
	END, since, until
	FROM period
),
piece AS (
	SELECT * FROM v_traffic_minutes
	WHERE start >= (SELECT since / step * step FROM grid)
		AND start < (SELECT iif(step < 3600, until, 0) FROM grid)
	UNION ALL
	SELECT * FROM v_traffic_hours
	WHERE start >= (SELECT since / step * step FROM grid)
		AND start < (SELECT iif(step BETWEEN 3600 AND 86399, until, 0) FROM grid)
	UNION ALL
	SELECT * FROM v_traffic_days
	WHERE start >= (SELECT since / step * step FROM grid)
		AND start < (SELECT iif(step = 86400, until, 0) FROM grid)
)
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', p.start / g.step * g.step, 'unixepoch') AS time,
	g.step AS seconds, SUM(messages) AS messages, SUM(refused) AS refused,
	SUM(accept) AS accept, SUM(bypass) AS bypass, SUM(monitor) AS monitor,
	SUM(defer) AS defer, SUM(block) AS block, SUM(hold) AS hold,
	SUM(discard) AS discard, SUM(error) AS error
FROM piece p, grid g
WHERE policy = 'all'
GROUP BY p.start / g.step
ORDER BY p.start / g.step;
