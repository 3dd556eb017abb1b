-- The first schema.  Moments are microseconds since 1970 (UTC), periods are
-- seconds.  What administrators and reports read are the views (v_...): the
-- tables may change from version to version, the views do not.
-- SPDX-License-Identifier: Apache-2.0

-- "group" is a word of SQL, hence the longer name.
CREATE TABLE member_group (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE member (
	group_id INTEGER NOT NULL REFERENCES member_group (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	PRIMARY KEY (group_id, name)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: the id of a deleted policy or limit never comes back, so a
-- charge that was on its way cannot land on its successor.
CREATE TABLE policy (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	enabled TEXT NOT NULL,
	type TEXT NOT NULL,
	priority INTEGER NOT NULL,
	-- NULL: any
	source_group INTEGER REFERENCES member_group (id),
	source_not INTEGER NOT NULL,
	destination_group INTEGER REFERENCES member_group (id),
	destination_not INTEGER NOT NULL,
	key TEXT NOT NULL,
	strategy TEXT NOT NULL,
	count TEXT NOT NULL,
	action TEXT NOT NULL,
	-- NULL: the default text
	reply TEXT
) STRICT;

CREATE INDEX policy_source ON policy (source_group);
CREATE INDEX policy_destination ON policy (destination_group);

-- The id of a limit is the identity of its counters: it stays while policy,
-- period, strategy, count and key stay, whatever the number becomes.
CREATE TABLE policy_limit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
	period INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	spelling TEXT NOT NULL,
	UNIQUE (policy_id, period)
) STRICT;

-- What was used, in pieces that end together: moving: up to 64 a period, each
-- from its first to its last charge; fixed: one, its first being the start of
-- the window.  No foreign key: a charge of a limit that has just gone is
-- dropped by the writer and never fails the mail of others.
CREATE TABLE bucket (
	limit_id INTEGER NOT NULL,
	object TEXT NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (limit_id, object, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
	id INTEGER PRIMARY KEY,
	time INTEGER NOT NULL,
	queue_id TEXT,
	verdict TEXT NOT NULL,
	policy TEXT,
	object TEXT,
	login TEXT,
	sender TEXT,
	client TEXT,
	mta TEXT,
	recipients INTEGER,
	size INTEGER,
	reason TEXT,
	free_at INTEGER
) STRICT;

CREATE INDEX decision_time ON decision (time);
CREATE INDEX decision_object ON decision (object, time) WHERE object IS NOT NULL;

CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	time INTEGER NOT NULL,
	uid INTEGER NOT NULL,
	user TEXT NOT NULL,
	command TEXT NOT NULL
) STRICT;

CREATE VIEW v_decisions AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	queue_id, verdict, policy, object, login, sender, client, mta, recipients, size,
	reason,
	-- rounded up, as everywhere: at that moment there is room
	strftime('%Y-%m-%dT%H:%M:%S', (free_at + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (free_at + 999) / 1000 % 1000) AS free_at
FROM decision;

-- What each counter holds now.  The last two columns are for arithmetic:
-- amount and period are the parts of "limit".
CREATE VIEW v_counters AS
WITH
clock (now) AS (
	SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
),
piece AS (
	SELECT b.limit_id, b.object, b.count,
		p.name AS policy, l.spelling, l.amount, l.period,
		l.period * 1000000
			+ CASE p.strategy WHEN 'fixed' THEN b.first ELSE b.last END AS ends
	FROM bucket b
	JOIN policy_limit l ON l.id = b.limit_id
	JOIN policy p ON p.id = l.policy_id
),
live AS (
	-- left: what the counter still holds once this piece has ended
	SELECT *,
		SUM(count) OVER whole
			- SUM(count) OVER (whole ORDER BY ends) AS left_then
	FROM piece
	WHERE ends > (SELECT now FROM clock) AND count > 0
	WINDOW whole AS (PARTITION BY limit_id, object)
),
counter AS (
	SELECT policy, object, spelling, SUM(count) AS used, amount, period,
		CASE WHEN SUM(count) >= amount THEN
			MIN(ends) FILTER (WHERE left_then < amount)
		END AS free_at
	FROM live
	GROUP BY limit_id, object
)
SELECT policy, object, spelling AS "limit", used,
	-- NULL: there is room now, or (amount 0) never
	strftime('%Y-%m-%dT%H:%M:%S', (free_at + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (free_at + 999) / 1000 % 1000) AS free_at,
	amount, period
FROM counter;
