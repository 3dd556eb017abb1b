-- The record of each message.
-- SPDX-License-Identifier: Apache-2.0

-- name: decision_add
INSERT INTO decision (time, queue_id, verdict, policy, object, login, sender, client, mta,
	recipients, size, reason, free_at, spf, spf_domain)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)

-- name: decision_move
UPDATE decision SET id = ?2 WHERE id = ?1

-- name: decision_put
-- What is known by now of a message that has a row; the time says that it is the one, and
-- stays, since rows are in the order of time.  Who says the same verdict again may not
-- know whose it was.
UPDATE decision
SET queue_id = ifnull(?2, queue_id), verdict = ?3,
	policy = iif(verdict = ?3 AND ?5 IS NULL, ifnull(?4, policy), ?4),
	object = iif(verdict = ?3 AND ?4 IS NULL, ifnull(?5, object), ?5),
	login = ?6, sender = ?7, client = ?8, mta = ifnull(?9, mta),
	recipients = ifnull(?10, recipients), size = ifnull(?11, size), reason = ?12,
	free_at = ?13, spf = ifnull(?14, spf), spf_domain = ifnull(?15, spf_domain)
WHERE id = ?16 AND time = ?1

-- name: decision_amend
-- A recipient more was refused, and others are not.
UPDATE decision SET reason = ?3 WHERE id = ?1 AND time = ?2

-- name: recipient_add
INSERT OR REPLACE INTO recipient (decision_id, n, address, refused, policy)
VALUES (?1, ?2, ?3, ?4, ?5)

-- name: recipient_last
SELECT IFNULL(MAX(n), 0) FROM recipient WHERE decision_id = ?1

-- name: recipient_clear
-- Those that went on; who was refused before is not known to whoever comes later.
DELETE FROM recipient WHERE decision_id = ?1 AND refused = 0

-- name: moment_last
-- When something was written last; NULL: never.
SELECT MAX(time) FROM (
	SELECT time FROM (SELECT time FROM decision ORDER BY id DESC LIMIT 1)
	UNION ALL
	SELECT time FROM (SELECT time FROM audit ORDER BY id DESC LIMIT 1))

-- name: history_ends
SELECT (SELECT MIN(id) FROM decision), (SELECT MAX(id) FROM decision)

-- name: history_from
-- The moment of the row behind which the history has ?2 rows, if ?1 is before that; else ?1.
SELECT MAX(?1, IFNULL((SELECT time FROM decision ORDER BY time DESC LIMIT 1 OFFSET ?2), ?1))

-- name: history_addresses
-- Of IPv6, from ?1 on.
SELECT DISTINCT client FROM decision WHERE time >= ?1 AND client GLOB '*:*'

-- name: history_whose
-- The rows from ?1 to ?2 in which somebody has to do with ?3: it was counted for him, he
-- was logged in or the sender, or (a domain) somebody of it was, or it came from one of
-- the addresses ?4, a JSON list.
SELECT json_group_array(id)
FROM decision
WHERE time BETWEEN ?1 AND ?2 AND (
	?3 IN (object, login, sender)
	OR client IN (SELECT value FROM json_each(?4))
	OR ?3 GLOB '@*' AND ?3 IN (substr(login, -length(?3)), substr(sender, -length(?3))))

-- name: history_top
-- Who has sent most, ?3 = refused: who was refused most; from ?1 to ?2.  By object; what
-- no policy counted, by login or else by sender.
WITH
sent (name, time, client, policy, refused) AS (
	SELECT COALESCE(object, login, sender, client), time, client, policy,
		verdict IN ('defer', 'block', 'hold', 'discard')
	FROM decision
	WHERE time BETWEEN ?1 AND ?2
),
top (object, messages, refused, clients, policies, last, n) AS (
	SELECT name, COUNT(*), SUM(refused), COUNT(DISTINCT client),
		GROUP_CONCAT(DISTINCT policy), MAX(time),
		IIF(?3 = 'refused', SUM(refused), COUNT(*))
	FROM sent
	GROUP BY name
)
SELECT object, messages, refused,
	ROUND(100.0 * n / SUM(n) OVER (), 1) AS share,
	clients, policies,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last_seen
FROM top
WHERE n > 0
ORDER BY n DESC, object
LIMIT ?4

-- name: replay_rows
-- The next ?5 messages behind row ?2 of the moment ?1, as they came, one after the other,
-- up to the moment ?3, of those that there were when row ?4 was the last.
SELECT id, time, verdict, policy, login, sender, client, mta, recipients, size, spf
FROM decision
WHERE (time, id) > (?1, ?2) AND time <= ?3 AND id <= ?4
ORDER BY time, id
LIMIT ?5

-- name: replay_count
-- How many these are from the moment ?1 to ?2.
SELECT COUNT(*) FROM decision WHERE time BETWEEN ?1 AND ?2 AND id <= ?3

-- name: replay_recipients
-- Of a refused one, too, whether it was taken out, as far as the policy's action of now
-- says that.
SELECT address, refused, policy,
	IIF(refused, policy IN (SELECT name FROM policy WHERE action = 'discard'), 0)
FROM recipient
WHERE decision_id = ?1
ORDER BY n
