-- From how many addresses and networks each login comes
--
-- Client addresses that a login used within the period (or before it and behind it), the
-- networks that these are in (/24 of IPv4, /64 of IPv6), and how many of both it had never
-- used before: a login that many people use, or whose password is known to strangers, has
-- many of them.  messages and refused are all that there were by now from those addresses,
-- also outside the period, and last is when the last of them came.
--
-- From v_seen_clients; `object show LOGIN` has the addresses of one.
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
),
network AS (
	SELECT login, network, COUNT(*) AS clients, SUM(messages) AS messages,
		SUM(refused) AS refused, SUM(first_at >= (SELECT since FROM period)) AS new,
		MAX(last_at) AS last
	FROM v_seen_clients
	WHERE last_at >= (SELECT since FROM period) AND first_at < (SELECT until FROM period)
	GROUP BY login, network
)
SELECT login, SUM(clients) AS clients, COUNT(*) AS networks, SUM(new) AS new_clients,
	SUM(new = clients) AS new_networks, SUM(messages) AS messages,
	SUM(refused) AS refused,
	strftime('%Y-%m-%dT%H:%M:%fZ', MAX(last) / 1000 / 1e3, 'unixepoch') AS last
FROM network
GROUP BY login
ORDER BY networks DESC, clients DESC, login
LIMIT ifnull(:top, 20);
