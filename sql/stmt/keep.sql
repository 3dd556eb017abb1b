-- What goes by itself, in small steps, since mail waits for the writer that runs them; and
-- what was seen of whom, which stays longer.
-- SPDX-License-Identifier: Apache-2.0

-- name: decision_trim
-- Those before a moment.  What is not in table seen yet waits for that.
DELETE FROM decision WHERE id IN (
	SELECT id FROM decision
	WHERE time < ?1 AND id <= (SELECT value FROM mark WHERE name = 'seen')
	ORDER BY time LIMIT 100)

-- name: decision_trim_rows
-- All but the last ?1.
DELETE FROM decision WHERE id IN (
	SELECT id FROM decision
	WHERE id <= (SELECT MAX(id) FROM decision) - ?1
		AND id <= (SELECT value FROM mark WHERE name = 'seen')
	ORDER BY id LIMIT 100)

-- name: recipient_oldest
-- The id of the message before whose recipients all go: those before the moment ?1, or
-- whose message has gone; all of them, if there is none.
SELECT MAX(
	IFNULL((SELECT id FROM decision WHERE time >= ?1 ORDER BY time LIMIT 1), ?2),
	IFNULL((SELECT MIN(id) FROM decision), ?2))

-- name: recipient_oldest_rows
-- The same, so that ?1 are left; NULL: no more are there.
SELECT decision_id + 1 FROM recipient ORDER BY decision_id DESC LIMIT 1 OFFSET ?1

-- name: recipient_trim
DELETE FROM recipient WHERE (decision_id, n) IN (
	SELECT decision_id, n FROM recipient
	WHERE decision_id < ?1
		AND decision_id <= (SELECT value FROM mark WHERE name = 'seen')
	ORDER BY decision_id, n LIMIT 100)

-- name: refusal_oldest
SELECT last + 1 FROM refusal ORDER BY last DESC LIMIT 1 OFFSET ?2

-- name: refusal_trim
DELETE FROM refusal WHERE (object, policy_id) IN (
	SELECT object, policy_id FROM refusal WHERE last < ?2 ORDER BY last LIMIT 100)

-- name: refused_client_oldest
SELECT last + 1 FROM refused_client ORDER BY last DESC LIMIT 1 OFFSET ?2

-- name: refused_client_trim
DELETE FROM refused_client WHERE (object, client) IN (
	SELECT object, client FROM refused_client WHERE last < ?2 ORDER BY last LIMIT 100)

-- name: seen_upto
-- The next rows of the history to be put into table seen: how many, the id of the last of
-- them, its time, and whether more may come at once.  Those that may still change, since they
-- are not older than ?1 (nor of a clock that was ahead of ?2), have time.  Each has four
-- places there, and one for each recipient: no more than ?3 together, but for a message that
-- has more by itself.
WITH slice AS (
	SELECT d.id, d.time, d.recipients
	FROM mark k
	CROSS JOIN decision d ON d.id > k.value
	WHERE k.name = 'seen'
	ORDER BY d.id LIMIT 100
),
old AS (
	SELECT id, time, SUM(4 + IFNULL(recipients, 0)) OVER (ORDER BY id) AS places,
		COUNT(*) OVER (ORDER BY id) AS n
	FROM slice
	WHERE id < IFNULL((SELECT MIN(id) FROM slice WHERE time > ?1 AND time <= ?2),
		0x7fffffffffffffff)
)
SELECT COUNT(*), MAX(id), MAX(time),
	COUNT(*) = 100 OR COUNT(*) < (SELECT COUNT(*) FROM old)
FROM old
WHERE places <= ?3 OR n = 1

-- name: seen_places
-- The same places, only looked at: the pages that they are in are then at hand.
SELECT COUNT(s.last)
FROM (SELECT DISTINCT kind, who, what FROM sight WHERE id <= ?1) p
CROSS JOIN seen s ON s.kind = p.kind AND s.who = p.who AND s.what = p.what

-- name: seen_add
INSERT INTO seen (kind, who, what, messages, refused, first, last)
SELECT kind, who, what, COUNT(*), SUM(refused), MIN(time), MAX(time)
FROM sight
WHERE id <= ?1
GROUP BY kind, who, what
ON CONFLICT (kind, who, what) DO UPDATE SET
	messages = messages + excluded.messages, refused = refused + excluded.refused,
	first = MIN(first, excluded.first), last = MAX(last, excluded.last)

-- name: mark_begin
-- How far it has come (NULL: nobody knows), and the last message and the last with recipients
-- that there are.
SELECT (SELECT value FROM mark WHERE name = ?1), (SELECT MAX(id) FROM decision),
	(SELECT MAX(decision_id) FROM recipient)

-- name: mark_put
INSERT INTO mark (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: seen_range
-- One of the next rows after one, ?4 between them; none: there are fewer.
SELECT kind, who, what FROM seen
WHERE (kind, who, what) > (?1, ?2, ?3)
ORDER BY kind, who, what LIMIT 1 OFFSET ?4

-- name: seen_ages
-- Of the rows between two, how many of which class were seen last in which hour.
SELECT last / 3600000000, class, COUNT(*) FROM seen_class
WHERE (kind, who, what) > (?1, ?2, ?3) AND (kind, who, what) <= (?4, ?5, ?6)
GROUP BY 1, 2

-- name: seen_trim
-- ?7: for each class, what was not seen since then, a JSON list.
DELETE FROM seen WHERE (kind, who, what) IN (
	SELECT kind, who, what FROM seen_class
	WHERE (kind, who, what) > (?1, ?2, ?3) AND (kind, who, what) <= (?4, ?5, ?6)
		AND last < json_extract(?7, '$[' || class || ']'))
