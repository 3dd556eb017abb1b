-- Senders that were never seen before
--
-- Envelope senders whose first message came within the period, with the logins that used
-- them (empty: none), those with most messages first.  messages and refused are all that there
-- were of it by now, also behind the period.
--
-- From v_seen_senders: as far back as seen_days says, or as Themis has had a history.  In its
-- first days everybody is new.
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
SELECT sender, group_concat(login) AS logins, SUM(messages) AS messages,
	SUM(refused) AS refused,
	strftime('%Y-%m-%dT%H:%M:%fZ', MIN(first_at) / 1000 / 1e3, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%fZ', MAX(last_at) / 1000 / 1e3, 'unixepoch') AS last
FROM v_seen_senders
GROUP BY sender
HAVING MIN(first_at) >= (SELECT since FROM period)
	AND MIN(first_at) < (SELECT until FROM period)
ORDER BY messages DESC, sender
LIMIT ifnull(:top, 20);
