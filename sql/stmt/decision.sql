-- The record of each message, and the trail of changes.
-- SPDX-License-Identifier: Apache-2.0

-- name: decision_add
INSERT INTO decision (time, queue_id, verdict, policy, object, login, sender, client, mta,
	recipients, size, reason, free_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- name: decision_trim
-- In small steps: mail waits for the writer that runs this.  Rows come in the order of
-- time, so the oldest are in front; no index has to be kept for that with each message.
-- Those of a clock that was ahead are passed over.
DELETE FROM decision
WHERE time < ?1 AND id IN (
	SELECT id FROM decision
	WHERE time <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
	ORDER BY id LIMIT 200)

-- name: audit_add
INSERT INTO audit (time, uid, user, command, refusal) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: moment_last
-- When something was written last; NULL: never.
SELECT MAX(time) FROM (
	SELECT time FROM (SELECT time FROM decision ORDER BY id DESC LIMIT 1)
	UNION ALL
	SELECT time FROM (SELECT time FROM audit ORDER BY id DESC LIMIT 1))
