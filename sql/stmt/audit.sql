-- The trail of changes.
-- SPDX-License-Identifier: Apache-2.0

-- name: audit_add
INSERT INTO audit (time, uid, user, command, refusal, was, became, undo, undoes)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULLIF(?9, 0))

-- name: audit_thing_add
INSERT INTO audit_thing (audit_id, kind, name, pool) VALUES (?1, ?2, ?3, ?4)

-- name: audit_things
SELECT kind, name, pool FROM audit_thing WHERE audit_id = ?1 ORDER BY kind, pool, name

-- name: audit_since
-- The last change of a thing, if it is behind that row.
SELECT id, time, user FROM audit
WHERE id > ?4 AND id = (
	SELECT MAX(audit_id) FROM audit_thing WHERE kind = ?1 AND name = ?2 AND pool = ?3)

-- name: audit_since_pool
-- The same of the settings of a pool.
SELECT id, time, user FROM audit
WHERE id > ?2 AND id = (
	SELECT MAX(audit_id) FROM audit_thing WHERE pool = ?1 AND pool <> '')

-- name: audit_from
-- The changes of a thing from that row on; ?5: a pool's settings are its own.
SELECT DISTINCT a.id, IFNULL(a.undoes, 0)
FROM audit_thing t
JOIN audit a ON a.id = t.audit_id
WHERE ((t.kind = ?1 AND t.name = ?2 AND t.pool = ?3)
		OR (?5 AND ?1 = 'pool' AND t.pool = ?2 AND t.pool <> ''))
	AND t.audit_id >= ?4
ORDER BY a.id

-- name: audit_find
SELECT refusal, was, undo, command FROM audit WHERE id = ?1

-- name: audit_show
SELECT number, time, user, uid, command, was, became, refusal FROM v_audit
WHERE number = ?1

-- name: audit_list
SELECT number, time, user, command, was, became, refusal FROM v_audit
WHERE number IN (SELECT id FROM audit ORDER BY id DESC LIMIT ?1)
ORDER BY number

-- name: audit_list_user
SELECT number, time, user, command, was, became, refusal FROM v_audit
WHERE number IN (SELECT id FROM audit WHERE user = ?2 ORDER BY id DESC LIMIT ?1)
ORDER BY number

-- name: audit_list_thing
-- Those of a thing (?3, ?4), of a user or (?2 NULL) of all.  A pool's settings are its own.
SELECT number, time, user, command, was, became, refusal FROM v_audit
WHERE number IN (
	SELECT DISTINCT t.audit_id
	FROM audit_thing t
	JOIN audit a ON a.id = t.audit_id
	WHERE ((t.kind IN (?3, IIF(?3 = 'object', 'grant', ?3)) AND t.name = ?4) OR (?3 = 'pool' AND t.pool = ?4 AND t.pool <> ''))
		AND (?2 IS NULL OR a.user = ?2)
	ORDER BY t.audit_id DESC LIMIT ?1)
ORDER BY number

-- name: audit_user_next
SELECT user FROM audit WHERE user >= ?1 AND user < ?2 ORDER BY user LIMIT 1

-- name: audit_newest
-- Of the last ?2 changes those whose number begins as ?1, the newest first.
SELECT number FROM (SELECT CAST(id AS TEXT) AS number FROM audit ORDER BY id DESC LIMIT ?2)
WHERE substr(number, 1, length(?1)) = ?1

-- name: audit_last
-- The last change: when, and whose.
SELECT time, user FROM audit WHERE refusal IS NULL ORDER BY id DESC LIMIT 1
