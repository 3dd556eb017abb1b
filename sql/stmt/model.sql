-- What the configuration consists of, thing by thing, by their names (admin/model.h).
-- SPDX-License-Identifier: Apache-2.0

-- name: setting_all
SELECT IFNULL(p.name, '') AS pool, s.name, s.value
FROM setting s
LEFT JOIN pool p ON p.id = s.pool_id
WHERE s.pool_id = 0 OR p.id IS NOT NULL
ORDER BY 1, s.name

-- name: pool_all
-- Each with its hosts, a row for each; with NULL if it has none.
SELECT p.name, m.host
FROM pool p
LEFT JOIN pool_member m ON m.pool_id = p.id
ORDER BY p.name, m.host

-- name: pool_one
-- The same of one.
SELECT p.name, m.host
FROM pool p
LEFT JOIN pool_member m ON m.pool_id = p.id
WHERE p.name = ?1
ORDER BY m.host

-- name: pool_mta
-- The same of a pool and an MTA that is in it.
SELECT p.name, m.host
FROM pool_member m
JOIN pool p ON p.id = m.pool_id
WHERE m.host = ?2 AND m.pool_id = ?1

-- name: group_all
SELECT id, name FROM member_group ORDER BY name

-- name: flag_all
-- What holds at a moment.
SELECT object, flag, until, because FROM object_flag
WHERE until IS NULL OR until > ?1
ORDER BY object, flag

-- name: flag_of
SELECT object, flag, until, because FROM object_flag
WHERE object = ?2 AND (until IS NULL OR until > ?1)
ORDER BY flag

-- name: grant_of
SELECT g.object, IFNULL(p.name, '') AS policy, g.amount, g.until, g.because
FROM object_grant g
LEFT JOIN policy p ON p.id = g.policy_id
WHERE g.object = ?2 AND g.until > ?1
ORDER BY 2
