-- Header rules.
-- SPDX-License-Identifier: Apache-2.0

-- name: header_load
-- Of the policies with ids from ?1 to ?2, in the order of policy_load; of each the rules
-- behind the row ?3.
SELECT p.id, r.id, r.header, r.regex, a.name, a.value
FROM header_rule r
JOIN policy p ON p.id = r.policy_id
JOIN header_addition a ON a.rule_id = r.id
LEFT JOIN pool o ON o.id = p.pool_id
WHERE p.id BETWEEN ?1 AND ?2 AND +r.id > ?3
ORDER BY o.name NULLS LAST, p.priority, p.name, r.id, a.position

-- name: header_count
SELECT COUNT(*) FROM header_rule WHERE policy_id = ?1

-- name: header_untouched
-- The last rule before all of those for a header and a pattern; NULL: for any.
SELECT IFNULL(MAX(id), 0) FROM header_rule
WHERE policy_id = ?1 AND +id < IFNULL((
	SELECT MIN(+id) FROM header_rule
	WHERE policy_id = ?1 AND (?2 IS NULL OR header = ?2) AND (?3 IS NULL OR regex = ?3)),
	9223372036854775807)

-- name: header_add
INSERT INTO header_rule (policy_id, header, regex) VALUES (?1, ?2, ?3)
ON CONFLICT DO NOTHING

-- name: header_find
-- 0: none.
SELECT IFNULL(MAX(id), 0) FROM header_rule
WHERE policy_id = ?1 AND header = ?2 AND regex = ?3

-- name: header_bare
DELETE FROM header_addition WHERE rule_id = ?1

-- name: header_addition
INSERT INTO header_addition (rule_id, position, name, value) VALUES (?1, ?2, ?3, ?4)

-- name: header_delete
-- Those for a header and a pattern; NULL: for each.
DELETE FROM header_rule
WHERE policy_id = ?1 AND (?2 IS NULL OR header = ?2) AND (?3 IS NULL OR regex = ?3)

-- name: header_list
SELECT p.name AS policy, r.header, r.regex, a.name AS new_header, a.value
FROM header_rule r
JOIN policy p ON p.id = r.policy_id
JOIN header_addition a ON a.rule_id = r.id
LEFT JOIN pool o ON o.id = p.pool_id
WHERE ?1 IS NULL OR p.name = ?1
ORDER BY o.name NULLS LAST, p.priority, p.name, r.id, a.position

-- name: header_next
SELECT header FROM header_rule
WHERE policy_id = ?3 AND header >= ?1 AND header < ?2 ORDER BY header LIMIT 1

-- name: header_show
SELECT r.header, r.regex, a.name AS new_header, a.value
FROM header_rule r
JOIN header_addition a ON a.rule_id = r.id
WHERE r.policy_id = ?1
ORDER BY r.id, a.position
