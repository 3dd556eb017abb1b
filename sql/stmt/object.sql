-- Objects: their flags, what was refused to them, and traffic per second.
-- SPDX-License-Identifier: Apache-2.0

-- name: flag_load
SELECT object, flag, until FROM object_flag

-- name: flag_put
INSERT INTO object_flag (object, flag, until, because, since, user)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (object, flag) DO UPDATE SET until = excluded.until,
	because = excluded.because, since = excluded.since, user = excluded.user

-- name: flag_clear
-- One flag of an object, or all of them.
DELETE FROM object_flag WHERE object = ?1 AND (?2 IS NULL OR flag = ?2)

-- name: flag_trim
DELETE FROM object_flag WHERE until <= ?1

-- name: grant_load
SELECT object, IFNULL(policy_id, 0), amount, until FROM object_grant

-- name: grant_find
-- ?2: a policy, 0: every one.
SELECT amount, until FROM object_grant
WHERE object = ?1 AND IFNULL(policy_id, 0) = ?2 AND until > ?3

-- name: grant_put
INSERT INTO object_grant (object, policy_id, amount, until, because, since, user)
VALUES (?1, NULLIF(?2, 0), ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (object, IFNULL(policy_id, 0)) DO UPDATE SET amount = excluded.amount,
	until = excluded.until, because = excluded.because, since = excluded.since,
	user = excluded.user

-- name: grant_clear
DELETE FROM object_grant WHERE object = ?1

-- name: grant_trim
DELETE FROM object_grant WHERE until <= ?1

-- name: grant_show
SELECT policy, amount, until, because, since, user FROM v_grants
WHERE object = ?1 ORDER BY policy

-- name: flag_show
SELECT flag, until, because, since, user FROM v_flags WHERE object = ?1 ORDER BY flag

-- name: flag_next
SELECT object FROM object_flag WHERE object >= ?1 AND object < ?2 ORDER BY object LIMIT 1

-- name: grant_next
SELECT object FROM object_grant WHERE object >= ?1 AND object < ?2 ORDER BY object LIMIT 1

-- name: refusal_next
SELECT object FROM refusal WHERE object >= ?1 AND object < ?2 ORDER BY object LIMIT 1

-- name: seen_next
SELECT who FROM seen WHERE kind = 'object' AND who >= ?1 AND who < ?2 ORDER BY who LIMIT 1

-- name: refusal_put
INSERT INTO refusal (object, policy_id, refused, first, last) VALUES (?1, ?2, 1, ?3, ?3)
-- MIN: the system's clock may have been set back since then
ON CONFLICT (object, policy_id)
DO UPDATE SET refused = refused + 1, first = MIN(first, excluded.first),
	last = excluded.last

-- name: bucket_next
SELECT object FROM bucket WHERE limit_id = ?3 AND object >= ?1 AND object < ?2 ORDER BY object LIMIT 1

-- name: refused_client_put
INSERT INTO refused_client (object, client, refused, last) VALUES (?1, ?2, 1, ?3)
ON CONFLICT (object, client) DO UPDATE SET refused = refused + 1, last = excluded.last

-- name: object_count
SELECT COUNT(*) FROM (
	SELECT object FROM bucket WHERE object GLOB ?1
	UNION SELECT object FROM refusal WHERE object GLOB ?1)

-- name: bucket_reset_object
-- The key begins with the limit: without them it would be a walk over all rows.
DELETE FROM bucket WHERE limit_id IN (SELECT id FROM policy_limit) AND object = ?1

-- name: bucket_reset_glob
DELETE FROM bucket WHERE object GLOB ?1

-- name: refusal_reset_glob
DELETE FROM refusal WHERE object GLOB ?1

-- name: refused_client_reset_glob
DELETE FROM refused_client WHERE object GLOB ?1

-- name: refusal_reset
DELETE FROM refusal WHERE object = ?1

-- name: refused_client_reset
DELETE FROM refused_client WHERE object = ?1

-- name: object_fresh
-- What the rows that are not in table seen yet have of an object, in one look at them, since
-- there may be many: a JSON list, for each client how many were counted for the object, how
-- many were from it, how many of these were refused to another object, when the first and the
-- last of all that it was part of were, and the last from it.
SELECT json_group_array(json_array(client, counted, messages, refused, first, last, came))
FROM (
	SELECT client, SUM(object IS ?1) AS counted, SUM(?1 IN (object, login)) AS messages,
		SUM(object IS NOT ?1 AND login IS ?1 AND refused) AS refused,
		MIN(time) AS first, MAX(time) AS last,
		MAX(IIF(?1 IN (object, login), time, NULL)) AS came
	FROM fresh
	WHERE ?1 IN (object, login, sender)
	GROUP BY client
)

-- name: object_seen
-- What was counted for it as far back as is known, and (?2: ids of the history, a JSON
-- list) what had to do with it lately; ?3: of object_fresh; what was refused to it.  Not
-- later than now, whatever has become of the system's clock since then.
WITH
moment (now) AS (
	SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
),
-- as a login or a sender it was there whether anything was counted or not
known (n, first, last) AS (
	SELECT IIF(kind = 'object', messages, 0), first, last
	FROM seen WHERE kind IN ('object', 'client', 'sender') AND who = ?1
	UNION ALL
	SELECT json_extract(value, '$[1]'), json_extract(value, '$[4]'),
		json_extract(value, '$[5]')
	FROM json_each(?3)
),
lately (n, refused, first, last) AS (
	SELECT COUNT(*), SUM(verdict IN ('defer', 'block', 'hold', 'discard')), MIN(time),
		MAX(time)
	FROM json_each(?2) lately
	JOIN decision d ON d.id = lately.value
),
moments (first, last) AS (
	SELECT first, last FROM known
	UNION ALL
	SELECT first, last FROM lately
),
counted (n) AS (SELECT IFNULL(SUM(n), 0) FROM known),
seen_at (first, last) AS (
	SELECT MIN(now, MIN(first)), MIN(now, MAX(last)) FROM moment, moments
),
refusals (refused, last) AS (
	SELECT IFNULL(SUM(refused), 0), MAX(last) FROM v_refusals WHERE object = ?1
)
SELECT c.n AS messages,
	strftime('%Y-%m-%dT%H:%M:%S', s.first / 1000000, 'unixepoch')
		|| printf('.%03dZ', s.first / 1000 % 1000) AS first_seen,
	strftime('%Y-%m-%dT%H:%M:%S', s.last / 1000000, 'unixepoch')
		|| printf('.%03dZ', s.last / 1000 % 1000) AS last_seen,
	r.refused, r.last AS last_refused, l.n AS messages_day,
	IFNULL(l.refused, 0) AS refused_day
FROM counted c, lately l, seen_at s, refusals r

-- name: object_refused_lately
-- ?1: ids of the history, a JSON list.
SELECT strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	verdict, policy, object, reason
FROM decision
WHERE id IN (SELECT value FROM json_each(?1))
	AND verdict IN ('defer', 'block', 'hold', 'discard')
ORDER BY id DESC
LIMIT 5

-- name: object_refusals
SELECT policy, refused, first, last FROM v_refusals WHERE object = ?1
ORDER BY last DESC

-- name: object_penalties
SELECT policy, until FROM v_penalties WHERE object = ?1 ORDER BY policy

-- name: object_clients
-- The addresses that it came from: where it was seen at any time, what else had to do with
-- it lately (?2: ids of the history, a JSON list; what was from it is in ?3, of
-- object_fresh, or seen), and refused messages without a history, too.  What was refused to
-- it is in refused_client.
WITH
was (client, messages, last) AS (
	SELECT what, messages, last FROM seen
	WHERE kind IN ('client', 'from') AND who = ?1
),
since (client, messages, refused, last) AS (
	SELECT json_extract(value, '$[0]'), json_extract(value, '$[2]'),
		json_extract(value, '$[3]'), json_extract(value, '$[6]')
	FROM json_each(?3)
	WHERE json_extract(value, '$[2]') > 0
),
lately (client, messages, refused, last) AS (
	SELECT client, COUNT(*), SUM(verdict IN ('defer', 'block', 'hold', 'discard')),
		MAX(time)
	FROM json_each(?2) lately
	JOIN decision d ON d.id = lately.value
	WHERE NOT (object IS ?1 OR login IS ?1)
	GROUP BY client
),
every (client, messages, refused, last) AS (
	SELECT client, messages, 0, last FROM was
	UNION ALL
	SELECT client, messages, refused, last FROM since
	UNION ALL
	SELECT client, messages, refused, last FROM lately
	UNION ALL
	SELECT client, 0, refused, last FROM refused_client WHERE object = ?1
),
known (client, messages, refused, last) AS (
	SELECT client, SUM(messages), SUM(refused),
		MIN(MAX(last), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000)
	FROM every
	WHERE client IS NOT NULL
	GROUP BY client
)
SELECT client, messages, refused,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last_seen
FROM known
ORDER BY last DESC

-- name: object_list
-- What is known by itself: flags, grants, penalties, refusals, counters.  ?1: a pattern of
-- GLOB; ?2: a flag, or grant; ?3: a policy that refused it, counts for it or grants it
-- more; NULL: whatever.  A row for each flag and grant of an object, else one.  Each table
-- is read once: there may be a million counters.
WITH
live (object, kind, policy, ends) AS (
	SELECT object, kind, policy, MAX(ends)
	FROM live_bucket
	WHERE object GLOB ?1
	GROUP BY limit_id, object
),
said (object, flag, granted, until, because, policy) AS (
	SELECT object, flag, NULL, until, because, NULL FROM v_flags WHERE object GLOB ?1
	UNION ALL
	SELECT object, 'grant', amount, until, because, policy FROM v_grants
	WHERE object GLOB ?1
),
fact (object, penalty, counters, refused, last, policy) AS (
	SELECT object, NULL, 0, 0, NULL, policy FROM said
	UNION ALL
	SELECT object, NULL, 0, refused, last, policy FROM v_refusals
	WHERE object GLOB ?1
	UNION ALL
	SELECT object, IIF(kind = 'penalty', ends, NULL), kind = 'limit', 0, NULL, policy
	FROM live
),
known (object, penalty, counters, refused, last, of_policy) AS (
	SELECT object, MAX(penalty), SUM(counters), SUM(refused), MAX(last),
		SUM(policy = ?3)
	FROM fact
	GROUP BY object
)
SELECT k.object, f.flag, f.granted, f.until, f.because,
	strftime('%Y-%m-%dT%H:%M:%S', (k.penalty + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (k.penalty + 999) / 1000 % 1000) AS penalty,
	k.counters, k.refused, k.last AS last_refused
FROM known k
LEFT JOIN said f ON f.object = k.object
WHERE (?2 IS NULL OR f.flag = ?2) AND (?3 IS NULL OR k.of_policy > 0)
ORDER BY k.object, f.flag, f.until

-- name: mta_last
SELECT mta FROM (SELECT mta FROM decision ORDER BY id DESC LIMIT 100)
WHERE mta IS NOT NULL LIMIT 1

-- name: object_networks
-- Whose spelling depends on ipv6_prefix.
WITH said (object) AS (SELECT object FROM v_flags UNION SELECT object FROM v_grants)
SELECT object FROM said
WHERE object GLOB '*:*' AND object NOT GLOB '*@*' ORDER BY object
