-- The record of each message, and the trail of changes.
-- SPDX-License-Identifier: Apache-2.0

-- name: decision_add
INSERT INTO decision (time, queue_id, verdict, policy, object, login, sender, client, mta,
	recipients, reason, free_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)

-- name: decision_trim
-- In small steps: mail waits for the writer that runs this.
DELETE FROM decision
WHERE id IN (SELECT id FROM decision WHERE time < ?1 ORDER BY time LIMIT 500)

-- name: audit_add
INSERT INTO audit (time, uid, user, command, refusal) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: object_seen
-- "refused" is every verdict that did not let the message go on.
SELECT COUNT(*) AS messages,
	COUNT(*) FILTER (WHERE verdict IN ('defer', 'block', 'hold', 'discard')) AS refused,
	MIN(time) AS first_seen, MAX(time) AS last_seen
FROM v_decisions
WHERE object = ?1

-- name: object_clients
SELECT client, COUNT(*) AS messages, MAX(time) AS last_seen
FROM v_decisions
WHERE object = ?1 AND client IS NOT NULL
GROUP BY client
ORDER BY MAX(time) DESC
LIMIT 20
