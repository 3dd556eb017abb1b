-- To how many new recipients each login wrote
--
-- Recipients to whom a login wrote for the first time within the period (new), of all to
-- whom it ever did (recipients), with the share of the new ones in percent; messages are
-- those to the new ones.  Who suddenly writes to people he has never written to sends a
-- newsletter, or is not himself.
--
-- What was refused at MAIL, or at every RCPT, has no recipients: those are not here.
--
-- From v_seen_recipients, which has what came while the setting history was recipients.
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
SELECT login, SUM(first_at >= (SELECT since FROM period)) AS new, COUNT(*) AS recipients,
	round(100.0 * SUM(first_at >= (SELECT since FROM period)) / COUNT(*), 1) AS share,
	SUM(iif(first_at >= (SELECT since FROM period), messages, 0)) AS messages,
	strftime('%Y-%m-%dT%H:%M:%fZ', MAX(first_at) / 1000 / 1e3, 'unixepoch') AS last
FROM v_seen_recipients
WHERE first_at < (SELECT until FROM period)
GROUP BY login
HAVING new > 0
ORDER BY new DESC, login
LIMIT ifnull(:top, 20);
