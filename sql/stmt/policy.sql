-- Groups and policies: what a policy set is loaded from, and how the commands change it.
-- SPDX-License-Identifier: Apache-2.0

-- name: group_ids
SELECT id FROM member_group ORDER BY id

-- name: group_members
SELECT group_id, name FROM member

-- name: group_find
SELECT id FROM member_group WHERE name = ?1

-- name: group_names
SELECT name FROM member_group ORDER BY name

-- name: group_next
SELECT name FROM member_group WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT 1

-- name: member_next
SELECT name FROM member WHERE group_id = ?3 AND name >= ?1 AND name < ?2 ORDER BY name LIMIT 1

-- name: group_make
INSERT INTO member_group (name) VALUES (?1)

-- name: group_delete
DELETE FROM member_group WHERE id = ?1

-- name: group_add
INSERT INTO member (group_id, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING

-- name: group_remove
DELETE FROM member WHERE group_id = ?1 AND name = ?2

-- name: group_list
SELECT g.name,
	(SELECT COUNT(*) FROM member m WHERE m.group_id = g.id) AS members,
	(SELECT COUNT(*) FROM policy p
		WHERE p.source_group = g.id OR p.destination_group = g.id) AS policies
FROM member_group g
ORDER BY g.name

-- name: group_show
SELECT name AS member FROM member WHERE group_id = ?1 ORDER BY name

-- name: group_hosts
-- Those that may be client addresses or networks.
SELECT name FROM member
WHERE group_id = ?1 AND name GLOB '[0-9a-f:]*' AND instr(name, '@') = 0

-- name: group_users
-- A setting names groups in a list with commas.
SELECT name FROM policy WHERE source_group = ?1 OR destination_group = ?1
UNION ALL
SELECT 'the setting ' || s.name
FROM setting s
JOIN member_group g ON g.id = ?1
WHERE s.name = 'spf_trusted' AND instr(',' || s.value || ',', ',' || g.name || ',') > 0
ORDER BY 1

-- name: policy_load
-- Those with ids from ?1 to ?2, in the order of evaluation: those of pools, then the
-- general ones.  The columns after the groups are attributes: they are set by their names.
SELECT p.id, p.name, p.pool_id, p.source_group, p.destination_group,
	IIF(p.source_not, '!', '') || IFNULL(s.name, 'any') AS source,
	IIF(p.destination_not, '!', '') || IFNULL(d.name, 'any') AS destination,
	p.enabled, p.type, p.priority, p.key,
	p.strategy, p.count, p.action, IFNULL(p.reply, '') AS reply, p.penalty, p.stop,
	p.only_headers AS "only-headers", p.rate_stats AS "rate-stats",
	p.spf
FROM policy p
LEFT JOIN pool o ON o.id = p.pool_id
LEFT JOIN member_group s ON s.id = p.source_group
LEFT JOIN member_group d ON d.id = p.destination_group
WHERE p.id BETWEEN ?1 AND ?2
ORDER BY o.name NULLS LAST, p.priority, p.name

-- name: policy_find
SELECT id FROM policy WHERE name = ?1

-- name: policy_names
SELECT name FROM policy ORDER BY name

-- name: policy_next
SELECT name FROM policy WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT 1

-- name: policy_insert
INSERT INTO policy (name, pool_id, enabled, type, priority, source_group, source_not,
	destination_group, destination_not, key, strategy, count, action, reply, penalty,
	stop, only_headers, rate_stats, spf)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, NULLIF(?14, ''), ?15,
	?16, ?17, ?18, ?19)

-- name: policy_update
UPDATE policy SET pool_id = ?2, enabled = ?3, type = ?4, priority = ?5, source_group = ?6,
	source_not = ?7, destination_group = ?8, destination_not = ?9, key = ?10,
	strategy = ?11, count = ?12, action = ?13, reply = NULLIF(?14, ''), penalty = ?15,
	stop = ?16, only_headers = ?17, rate_stats = ?18, spf = ?19
WHERE name = ?1

-- name: policy_rename
UPDATE policy SET name = ?2, pool_id = ?3 WHERE name = ?1

-- name: policy_delete
DELETE FROM policy WHERE id = ?1

-- name: limit_load
-- Of the same policies, in the same order.
SELECT p.id, l.id, l.pool_id, l.kind, l.spelling, l.inherited
FROM policy p
JOIN policy_limit l ON l.policy_id = p.id
LEFT JOIN pool o ON o.id = p.pool_id
WHERE p.id BETWEEN ?1 AND ?2
ORDER BY o.name NULLS LAST, p.priority, p.name, l.pool_id, l.id

-- name: limit_ids
SELECT id FROM policy_limit ORDER BY id LIMIT ?1

-- name: limit_put
-- The id stays where the period stays, and with it the counters.
INSERT INTO policy_limit (policy_id, pool_id, kind, period, amount, spelling, inherited)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (policy_id, pool_id, kind, period)
DO UPDATE SET amount = excluded.amount, spelling = excluded.spelling,
	inherited = excluded.inherited

-- name: penalty_end
-- Those that are over, before the length changes: they must not come back.  By the key,
-- since there may be a million counters.
DELETE FROM bucket
WHERE limit_id = (
		SELECT id FROM policy_limit
		WHERE policy_id = ?1 AND pool_id = ?2 AND kind = 'penalty' AND period <> ?3)
	AND last + 1000000 * (
		SELECT period FROM policy_limit
		WHERE policy_id = ?1 AND pool_id = ?2 AND kind = 'penalty')
		<= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000

-- name: level_end
-- Levels of the strategy bucket that have drained; ?2: the period in microseconds, ?3: the
-- number before the change.
DELETE FROM bucket
WHERE limit_id = ?1
	AND last + CAST((count * ?2 + rest) * 1.0 / MAX(?3, 1) AS INTEGER)
		<= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000

-- name: penalty_put
-- Those who are in one stay in it.
UPDATE policy_limit SET period = ?3, spelling = ?4
WHERE policy_id = ?1 AND pool_id = ?2 AND kind = 'penalty'

-- name: limit_move
UPDATE policy_limit SET pool_id = ?3 WHERE policy_id = ?1 AND pool_id = ?2

-- name: limit_delete
DELETE FROM policy_limit WHERE id = ?1

-- name: limit_forget
DELETE FROM bucket WHERE limit_id = ?1

-- name: limit_of
SELECT l.id FROM policy_limit l JOIN policy p ON p.id = l.policy_id WHERE p.name = ?1

-- name: data_version
-- Another one than before if anybody else has written to the database in between.
PRAGMA data_version
