-- To which domains mail goes
--
-- Recipients by their domain (empty: what is no address), how many of them were refused,
-- alone or with their message, the share of all recipients in percent, and from how many
-- logins they came.  What was refused at MAIL, or at every RCPT, as most is that is refused,
-- has no recipients, and is not here: `report refused` has it.
--
-- From v_recipients, which has what came while the setting history was recipients, as far
-- as recipients_days says.  Each recipient of the period is looked at: a month may take long.
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
	SELECT domain, COUNT(*) AS recipients,
		SUM(refused OR verdict IN ('defer', 'block', 'hold', 'discard')) AS refused,
		COUNT(DISTINCT login) AS logins
	FROM v_recipients
	WHERE at >= (SELECT since FROM period) AND at < (SELECT until FROM period)
	GROUP BY domain
)
SELECT domain, recipients, refused,
	round(100.0 * recipients / SUM(recipients) OVER (), 1) AS share, logins
FROM total
ORDER BY recipients DESC, domain
LIMIT ifnull(:top, 20);
