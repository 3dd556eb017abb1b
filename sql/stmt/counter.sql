-- The statements of the counter store and of "counter list".  To the store a first below
-- 0 is the rest of a level (counter/window.h): the row that holds it has first 0.
-- SPDX-License-Identifier: Apache-2.0

-- name: bucket_put
-- What the bucket holds by now, not what was added: writing it again after a
-- failed batch does no harm.  A limit that has just gone takes nothing.
INSERT INTO bucket (limit_id, object, first, last, count, rest)
SELECT ?1, ?2, MAX(?3, 0), ?4, ?5, MAX(-?3, 0)
WHERE EXISTS (SELECT 1 FROM policy_limit WHERE id = ?1)
ON CONFLICT (limit_id, object, first)
DO UPDATE SET last = excluded.last, count = excluded.count, rest = excluded.rest

-- name: bucket_load
-- The next rows behind one.  Penalties last from when they began.
SELECT b.limit_id, b.object, b.first - b.rest AS first, b.last, b.count, l.period,
	IIF(l.kind = 'penalty', 'moving', p.strategy), l.amount
FROM bucket b
JOIN policy_limit l ON l.id = b.limit_id
JOIN policy p ON p.id = l.policy_id
WHERE (b.limit_id, b.object, b.first) > (?1, ?2, MAX(?3, 0))
ORDER BY b.limit_id, b.object, b.first
LIMIT ?4

-- name: bucket_read
SELECT first - rest AS first, last, count FROM bucket WHERE limit_id = ?1 AND object = ?2
ORDER BY bucket.first

-- name: bucket_prune
-- The buckets of one counter outside of what it holds: from its oldest to its newest.
DELETE FROM bucket WHERE limit_id = ?1 AND object = ?2
	AND (first < MAX(?3, 0) OR first > MAX(?4, 0))

-- name: bucket_delete
DELETE FROM bucket WHERE limit_id = ?1 AND object = ?2 AND first = MAX(?3, 0)

-- name: bucket_forget
DELETE FROM bucket WHERE limit_id = ?1 AND object = ?2

-- name: bucket_reset
DELETE FROM bucket

-- name: object_counters
SELECT policy, object, "limit", used, amount, free_at, pool
FROM v_counters
WHERE object = ?1
ORDER BY policy, pool, period

-- name: counter_list
SELECT policy, object, "limit", used, free_at, pool
FROM v_counters
WHERE ?1 IS NULL OR policy = ?1
ORDER BY policy, object, pool, period

-- name: counter_list_object
-- Apart from the one above: "or no object" would keep SQLite from the key.
SELECT policy, object, "limit", used, free_at, pool
FROM v_counters
WHERE object = ?1 AND (?2 IS NULL OR policy = ?2)
ORDER BY policy, pool, period
