-- What SPF said
--
-- Messages whose sender policy was checked, by its result, how many of them were refused, held
-- or discarded (by whatever policy), the share of all in percent, and of how many domains
-- and client addresses they were.
--
-- From v_spf, as far as the history goes back; each message of the period is looked at, so that
-- a month may take long.  doc/spf.md asks which domains they were.
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
total AS (
	SELECT result, COUNT(*) AS messages,
		SUM(verdict IN ('defer', 'block', 'hold', 'discard')) AS refused,
		COUNT(DISTINCT domain) AS domains, COUNT(DISTINCT client) AS clients
	FROM v_spf
	WHERE at >= (SELECT since FROM period) AND at < (SELECT until FROM period)
	GROUP BY result
)
SELECT result, messages, refused, round(100.0 * messages / SUM(messages) OVER (), 1) AS share,
	domains, clients
FROM total
ORDER BY messages DESC, result;
