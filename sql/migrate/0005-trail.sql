-- The trail of changes: what each of them was about, from what to what, and how it is
-- taken back.
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE audit ADD COLUMN was TEXT;	  -- NULL: nothing that was has gone
ALTER TABLE audit ADD COLUMN became TEXT; -- NULL: nothing has come
-- The commands that take it back, a line each; '': it has changed nothing; NULL: it cannot
-- be taken back.
ALTER TABLE audit ADD COLUMN undo TEXT;

ALTER TABLE audit ADD COLUMN undoes INTEGER; -- the row that this one took back

CREATE INDEX audit_user ON audit (user);

-- What has really changed, by the names that it had (src/admin/things.h).
CREATE TABLE audit_thing (
	audit_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	pool TEXT NOT NULL, -- whose setting it is; '': of no pool
	PRIMARY KEY (audit_id, kind, name, pool)
) STRICT, WITHOUT ROWID;

-- Who has changed it last: one look.
CREATE INDEX audit_thing_name ON audit_thing (kind, name, pool, audit_id);
CREATE INDEX audit_thing_pool ON audit_thing (pool, audit_id) WHERE pool <> '';

DROP VIEW v_audit;

CREATE VIEW v_audit AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	uid, user, command, refusal, id AS number, was, became
FROM audit;
