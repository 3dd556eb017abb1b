-- Pools and settings.
-- SPDX-License-Identifier: Apache-2.0

-- name: pool_load
SELECT id, name FROM pool ORDER BY name

-- name: pool_hosts
SELECT host, pool_id FROM pool_member

-- name: pool_find
SELECT id FROM pool WHERE name = ?1

-- name: pool_names
SELECT name FROM pool ORDER BY name

-- name: pool_next
SELECT name FROM pool WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT 1

-- name: mta_next
SELECT host FROM pool_member WHERE host >= ?1 AND host < ?2 ORDER BY host LIMIT 1

-- name: pool_make
INSERT INTO pool (name) VALUES (?1)

-- name: pool_of
-- The pool that an MTA is in.
SELECT p.id, p.name FROM pool_member m JOIN pool p ON p.id = m.pool_id WHERE m.host = ?1

-- name: pool_add
INSERT INTO pool_member (host, pool_id) VALUES (?1, ?2)

-- name: pool_remove
DELETE FROM pool_member WHERE host = ?1 AND pool_id = ?2

-- name: pool_list
SELECT p.name,
	(SELECT COUNT(*) FROM pool_member m WHERE m.pool_id = p.id) AS hosts,
	(SELECT COUNT(*) FROM policy q WHERE q.pool_id = p.id) AS policies,
	(SELECT COUNT(*) FROM setting s WHERE s.pool_id = p.id) AS settings
FROM pool p
ORDER BY p.name

-- name: pool_show
SELECT host FROM pool_member WHERE pool_id = ?1 ORDER BY host

-- name: pool_policies
SELECT name FROM policy WHERE pool_id = ?1 ORDER BY name

-- name: pool_delete
DELETE FROM pool WHERE id = ?1

-- name: setting_load
-- Those that hold everywhere first.
SELECT name, pool_id, value FROM setting ORDER BY pool_id

-- name: setting_find
SELECT value FROM setting WHERE name = ?1 AND pool_id = ?2

-- name: setting_put
INSERT INTO setting (name, pool_id, value) VALUES (?1, ?2, ?3)
ON CONFLICT (name, pool_id) DO UPDATE SET value = excluded.value

-- name: setting_unset
DELETE FROM setting WHERE name = ?1 AND pool_id = ?2

-- name: setting_forget
DELETE FROM setting WHERE pool_id = ?1

-- name: setting_pools
-- Which pools have settings of their own.
SELECT DISTINCT p.name FROM setting s JOIN pool p ON p.id = s.pool_id ORDER BY p.name
