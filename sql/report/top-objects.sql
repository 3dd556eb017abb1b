-- Who sends most
--
-- Objects are whom policies count: logins, senders, domains, client addresses.  Each message
-- counts for the object of the policy that gave its verdict; mail that no policy counted is
-- not here (traffic has all of it).  A policy that only monitors gives the verdict of what it
-- would have refused: if it counts by another key than the one that enforces, somebody's
-- messages are divided between two objects, and refused may be a share of the one alone.
--
-- share is that of all messages here, in percent, and refused those that were refused, held
-- or discarded.  Days that are whole in the period come from v_seen_objects, so a month is
-- soon counted; the rest of it, before the first midnight (UTC) and behind the last, from
-- v_decisions, as far as the history goes back.
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
midnights (since, until) AS (
	SELECT (since + 86399999999) / 86400000000 * 86400000000,
		until / 86400000000 * 86400000000
	FROM period
),
-- Without a whole day all of the period stands before them.
days (since, until) AS (
	SELECT iif(m.since < m.until, m.since, p.until), iif(m.since < m.until, m.until, p.until)
	FROM period p, midnights m
),
-- The limit is none (-1), or (0) keeps it from looking for days that are not there.  Up to ten
-- days are found by their dates, for which SQLite wants conditions without a query in them
-- (these may be a bit wider); for more it is less work to read all that was seen.
part (object, messages, refused, first, last) AS (
	SELECT * FROM (SELECT object, messages, refused, first_at, last_at
		FROM v_seen_objects
		WHERE day >= date(ifnull(:since, date(ifnull(:until, 'now'), '-1 day')))
			AND day <= date(ifnull(:until, 'now'))
			AND day >= (SELECT date(since / 1000000, 'unixepoch') FROM days)
			AND day < (SELECT date(until / 1000000, 'unixepoch') FROM days)
		LIMIT (SELECT iif(until - since BETWEEN 1 AND 10 * 86400000000, -1, 0) FROM days))
	UNION ALL
	SELECT * FROM (SELECT object, messages, refused, first_at, last_at
		FROM v_seen_objects
		WHERE day >= (SELECT date(since / 1000000, 'unixepoch') FROM days)
			AND day < (SELECT date(until / 1000000, 'unixepoch') FROM days)
		LIMIT (SELECT iif(until - since > 10 * 86400000000, -1, 0) FROM days))
	UNION ALL
	SELECT object, 1, verdict IN ('defer', 'block', 'hold', 'discard'), at, at
	FROM v_decisions
	WHERE at >= (SELECT since FROM period) AND at < (SELECT since FROM days)
	UNION ALL
	SELECT object, 1, verdict IN ('defer', 'block', 'hold', 'discard'), at, at
	FROM v_decisions
	WHERE at >= (SELECT until FROM days) AND at < (SELECT until FROM period)
),
total AS (
	SELECT object, SUM(messages) AS messages, SUM(refused) AS refused,
		MIN(first) AS first, MAX(last) AS last
	FROM part
	WHERE object IS NOT NULL
	GROUP BY object
)
SELECT object, messages, refused, round(100.0 * messages / SUM(messages) OVER (), 1) AS share,
	strftime('%Y-%m-%dT%H:%M:%fZ', first / 1000 / 1e3, 'unixepoch') AS first,
	strftime('%Y-%m-%dT%H:%M:%fZ', last / 1000 / 1e3, 'unixepoch') AS last
FROM total
ORDER BY messages DESC, object
LIMIT ifnull(:top, 20);
