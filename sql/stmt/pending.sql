-- The statements of messages that have not come to their end (engine/pending.h).
-- SPDX-License-Identifier: Apache-2.0

-- name: pending_put
INSERT OR REPLACE INTO pending (instance, tie, queue_id, begun, decision, decided,
	recipients, payments, told, sealed, refused, refused_for,
	passed, ended, server, server_port)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)

-- name: pending_load
SELECT instance, tie, queue_id, begun, decision, decided, recipients, payments, told,
	sealed, refused, refused_for, passed, ended, server, server_port
FROM pending ORDER BY begun

-- name: pending_clear
DELETE FROM pending
