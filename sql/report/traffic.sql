-- Messages over time
--
-- All mail by what became of it, in steps that fit the period, so that there are some hundred
-- of them: each begins at time (UTC) and is so many seconds long.  refused sums up what was
-- refused, held or discarded.  Steps without mail are left out.
--
-- The period is rounded: to whole minutes, or where a step is an hour or longer to whole
-- hours, or where it is a day to whole days (UTC); those of since and until are in it as a
-- whole.  Nothing else is in the first step and the last, though these may be longer.
--
-- From v_traffic_minutes, v_traffic_hours or v_traffic_days: they count without a history,
-- too.  Where the one that fits the step does not reach back to since (the settings stats_...
-- say how long each is kept; 0: not at all), that of them counts which has most.
--
-- since: 1d
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
),
-- In seconds, with the step that fits it and that of its table.
fit (step, base, since, until) AS (
	SELECT step, iif(step < 3600, 60, iif(step < 86400, 3600, 86400)), since, until
	FROM (SELECT CASE
		WHEN until - since > 400 * 21600 THEN 86400
		WHEN until - since > 400 * 10800 THEN 21600
		WHEN until - since > 400 * 3600 THEN 10800
		WHEN until - since > 400 * 900 THEN 3600
		WHEN until - since > 400 * 300 THEN 900
		WHEN until - since > 400 * 60 THEN 300
		ELSE 60
	END AS step, since, until
	FROM (SELECT since / 1000000 AS since, (until + 999999) / 1000000 AS until FROM period))
),
-- The tables, and since when each has something.
kept (base, start) AS (
	SELECT 60, (SELECT start FROM v_traffic_minutes ORDER BY start LIMIT 1)
	UNION ALL
	SELECT 3600, (SELECT start FROM v_traffic_hours ORDER BY start LIMIT 1)
	UNION ALL
	SELECT 86400, (SELECT start FROM v_traffic_days ORDER BY start LIMIT 1)
),
-- What each has of the period, in whole days, so that they can be compared.
days (since, until) AS (
	SELECT since / 86400 * 86400, (until + 86399) / 86400 * 86400 FROM fit
),
found (base, messages) AS (
	SELECT 60, SUM(messages) FROM days w
	CROSS JOIN v_traffic_minutes t ON t.start >= w.since AND t.start < w.until
	WHERE policy = 'all'
	UNION ALL
	SELECT 3600, SUM(messages) FROM days w
	CROSS JOIN v_traffic_hours t ON t.start >= w.since AND t.start < w.until
	WHERE policy = 'all'
	UNION ALL
	SELECT 86400, SUM(messages) FROM days w
	CROSS JOIN v_traffic_days t ON t.start >= w.since AND t.start < w.until
	WHERE policy = 'all'
),
chosen (base) AS (
	SELECT ifnull(
		(SELECT k.base FROM fit JOIN kept k USING (base) WHERE start <= since + base),
		(SELECT f.base FROM fit CROSS JOIN found f
			ORDER BY messages DESC, f.base <= fit.base DESC, abs(f.base - fit.base)
			LIMIT 1))
),
grid (step, base, since, until) AS MATERIALIZED (
	SELECT max(step, c.base), c.base, since / c.base * c.base, until
	FROM fit CROSS JOIN chosen c
),
piece AS (
	SELECT t.* FROM grid g
	CROSS JOIN v_traffic_minutes t ON t.start >= g.since AND t.start < g.until
	WHERE g.base = 60 AND t.policy = 'all'
	UNION ALL
	SELECT t.* FROM grid g
	CROSS JOIN v_traffic_hours t ON t.start >= g.since AND t.start < g.until
	WHERE g.base = 3600 AND t.policy = 'all'
	UNION ALL
	SELECT t.* FROM grid g
	CROSS JOIN v_traffic_days t ON t.start >= g.since AND t.start < g.until
	WHERE g.base = 86400 AND t.policy = 'all'
)
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', p.start / g.step * g.step, 'unixepoch') AS time,
	g.step AS seconds, SUM(messages) AS messages, SUM(refused) AS refused,
	SUM(accept) AS accept, SUM(bypass) AS bypass, SUM(monitor) AS monitor,
	SUM(defer) AS defer, SUM(block) AS block, SUM(hold) AS hold,
	SUM(discard) AS discard, SUM(error) AS error
FROM grid g CROSS JOIN piece p
GROUP BY p.start / g.step
ORDER BY p.start / g.step;
