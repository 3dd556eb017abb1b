-- The record of each message, and the trail of changes.
-- SPDX-License-Identifier: Apache-2.0

-- name: decision_add
INSERT INTO decision (time, queue_id, verdict, policy, object, login, sender, client, mta,
	recipients, size, reason, free_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- name: decision_trim
-- In small steps: mail waits for the writer that runs this.  Rows come in the order of
-- time, so the oldest are in front; no index has to be kept for that with each message.
DELETE FROM decision
WHERE id IN (SELECT id FROM decision ORDER BY id LIMIT 200) AND time < ?1

-- name: audit_add
INSERT INTO audit (time, uid, user, command, refusal) VALUES (?1, ?2, ?3, ?4, ?5)
