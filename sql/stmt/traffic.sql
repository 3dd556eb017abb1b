-- Traffic, by the second, the minute, the hour and the day; and when something was wrong.
-- SPDX-License-Identifier: Apache-2.0

-- name: traffic_put
-- What has become another kind by now is taken off, if it is still there.
INSERT INTO traffic (step, start, policy_id, accept, bypass, monitor, defer, block, hold,
	discard, error)
SELECT ?1, ?2, ?3, MAX(0, ?4), MAX(0, ?5), MAX(0, ?6), MAX(0, ?7), MAX(0, ?8),
	MAX(0, ?9), MAX(0, ?10), MAX(0, ?11)
-- that of a policy which has just gone is nobody's
WHERE ?3 = 0 OR EXISTS (SELECT 1 FROM policy WHERE id = ?3)
ON CONFLICT (step, start, policy_id) DO UPDATE SET
	accept = MAX(0, accept + ?4), bypass = MAX(0, bypass + ?5),
	monitor = MAX(0, monitor + ?6), defer = MAX(0, defer + ?7),
	block = MAX(0, block + ?8), hold = MAX(0, hold + ?9),
	discard = MAX(0, discard + ?10), error = MAX(0, error + ?11)

-- name: traffic_oldest
-- The second before which it goes, so that ?2 rows are left of a step; NULL: no more are
-- there.  A moment that has some of them stays whole, or who counts on begins at 0.
SELECT start + (start < (
	SELECT start FROM traffic WHERE step = ?1 ORDER BY start DESC LIMIT 1 OFFSET ?2 - 1))
FROM traffic WHERE step = ?1 ORDER BY start DESC LIMIT 1 OFFSET ?2

-- name: traffic_trim
DELETE FROM traffic WHERE (step, start, policy_id) IN (
	SELECT step, start, policy_id FROM traffic
	WHERE step = ?1 AND start < ?2 ORDER BY start LIMIT 200)

-- name: trouble_put
INSERT INTO trouble (state, said, begun, ended) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (begun, state) DO UPDATE SET said = excluded.said, ended = excluded.ended

-- name: trouble_end_all
-- What was going on when the last process ended: nobody knows how long it did.
UPDATE trouble SET ended = MAX(begun, ?1) WHERE ended IS NULL

-- name: trouble_trim
DELETE FROM trouble WHERE (begun, state) IN (
	SELECT begun, state FROM trouble WHERE begun < ?1 ORDER BY begun LIMIT 100)
