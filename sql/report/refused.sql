-- Who is refused most
--
-- Messages that were refused, held or discarded, by the object that was: who was counted, or
-- was blocked by hand, or (SPF) the client address.  share is that of all refusals, in
-- percent; policies names those that refused it ("by hand": none, but a flag), clients says
-- from how many addresses it came, and first and last when it was refused.
--
-- From v_decisions, as far as the history goes back.  Rows of what was refused have an index
-- of their own, of which the first condition makes use: so it does not matter how much
-- mail there was besides.
--
-- since: 1d
-- top: 20
--
-- SPDX-License-Identifier: Apache-2.0
WITH
period (since, until) AS (
	SELECT iif(:since IS NULL, until - 86400000000,
		unixepoch(:since) * 1000000 + substr(strftime('%f', :since), 4) * 1000), until
	FROM (SELECT iif(:until IS NULL, (unixepoch('now') + 1) * 1000000,
		unixepoch(:until) * 1000000 + substr(strftime('%f', :until), 4) * 1000) AS until)
),
total AS (
	SELECT object, COUNT(*) AS refused,
		group_concat(DISTINCT ifnull(policy, iif(object IS NULL, NULL, 'by hand'))) AS policies,
		COUNT(DISTINCT client) AS clients, MIN(at) AS first, MAX(at) AS last
	FROM v_decisions
	WHERE verdict NOT IN ('accept', 'bypass')
		AND verdict IN ('defer', 'block', 'hold', 'discard')
		AND at >= (SELECT since FROM period) AND at < (SELECT until FROM period)
	GROUP BY object
)
SELECT object, refused, round(100.0 * refused / SUM(refused) OVER (), 1) AS share, policies,
	clients,
	strftime('%Y-%m-%dT%H:%M:%fZ', first / 1000 / 1e3, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%fZ', last / 1000 / 1e3, 'unixepoch') AS last
FROM total
ORDER BY refused DESC, object
LIMIT ifnull(:top, 20);
