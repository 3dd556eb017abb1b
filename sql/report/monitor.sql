-- What the policies that only monitor would have refused
--
-- For each of them: how many messages it would have refused, of how many objects, of whom
-- most (object, with its share of them in percent), and when first and last.  A message that
-- another policy refused is not among them.  monitor-objects says of whom they were, and
-- `policy test` what another limit would do.
--
-- From v_decisions, as far as the history goes back.
--
-- since: 7d
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 7 * 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
),
-- The first condition is that of an index.
counted AS (
	SELECT policy, object, COUNT(*) AS refused, MIN(at) AS first, MAX(at) AS last
	FROM v_decisions
	WHERE verdict NOT IN ('accept', 'bypass') AND verdict = 'monitor'
		AND at >= (SELECT since FROM period) AND at < (SELECT until FROM period)
	GROUP BY policy, object
),
ranked AS (
	SELECT *, ROW_NUMBER() OVER (PARTITION BY policy ORDER BY refused DESC, object) AS place
	FROM counted
)
SELECT policy, SUM(refused) AS refused, COUNT(*) AS objects,
	MAX(object) FILTER (WHERE place = 1) AS object,
	round(100.0 * MAX(refused) / SUM(refused), 1) AS share,
	strftime('%Y-%m-%dT%H:%M:%fZ', MIN(first) / 1000 / 1e3, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%fZ', MAX(last) / 1000 / 1e3, 'unixepoch') AS last
FROM ranked
GROUP BY policy
ORDER BY refused DESC, policy;
