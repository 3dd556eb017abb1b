-- Whom the policies that only monitor would have refused
--
-- For each policy and object, how many messages it would have refused, and when first and
-- last: who would have to be asked, or be given more, before it enforces.
--
-- From v_decisions, as far as the history goes back.
--
-- since: 7d
-- top: 20
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 7 * 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
)
SELECT object, policy, COUNT(*) AS refused,
	strftime('%Y-%m-%dT%H:%M:%fZ', MIN(at) / 1000 / 1e3, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%fZ', MAX(at) / 1000 / 1e3, 'unixepoch') AS last
FROM v_decisions
-- The first condition is that of an index.
WHERE verdict NOT IN ('accept', 'bypass') AND verdict = 'monitor'
	AND at >= (SELECT since FROM period) AND at < (SELECT until FROM period)
GROUP BY policy, object
ORDER BY refused DESC, object, policy
LIMIT ifnull(:top, 20);
