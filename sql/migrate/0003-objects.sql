-- Pools of MTAs, flags of objects, penalties, header rules, and what is kept of
-- refusals and of traffic.
-- SPDX-License-Identifier: Apache-2.0

DROP VIEW v_counters;

-- AUTOINCREMENT: what was of a deleted pool is never its successor's.
CREATE TABLE pool (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE
) STRICT;

-- An MTA is in one pool at most.
CREATE TABLE pool_member (
	host TEXT PRIMARY KEY,
	pool_id INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX pool_member_pool ON pool_member (pool_id);

-- NULL: a general policy.  The name has the pool's in front: "mx:outbound".
ALTER TABLE policy ADD COLUMN pool_id INTEGER REFERENCES pool (id);
ALTER TABLE policy ADD COLUMN penalty TEXT NOT NULL DEFAULT 'default';
ALTER TABLE policy ADD COLUMN only_headers TEXT NOT NULL DEFAULT 'no';
ALTER TABLE policy ADD COLUMN rate_stats TEXT NOT NULL DEFAULT 'no';

CREATE INDEX policy_pool ON policy (pool_id);

CREATE TABLE new_limit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
	-- 0: wherever no row of the pool says otherwise; else (pool_counters) what a
	-- general policy counts for the MTAs of that pool
	pool_id INTEGER NOT NULL DEFAULT 0,
	-- limit; or penalty: a limit of one refusal in so long
	kind TEXT NOT NULL DEFAULT 'limit',
	period INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	spelling TEXT NOT NULL,
	-- 1: it comes from a setting, the policy names none of its own
	inherited INTEGER NOT NULL DEFAULT 0,
	UNIQUE (policy_id, pool_id, kind, period)
) STRICT;

INSERT INTO new_limit (id, policy_id, period, amount, spelling, inherited)
SELECT id, policy_id, period, amount, spelling, inherited FROM policy_limit;

-- An id that was given away does not come back, whether its row is still there or not.
DELETE FROM sqlite_sequence WHERE name = 'new_limit';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_limit', seq FROM sqlite_sequence WHERE name = 'policy_limit';

DROP TABLE policy_limit;
ALTER TABLE new_limit RENAME TO policy_limit;

CREATE TABLE new_setting (
	name TEXT NOT NULL,
	pool_id INTEGER NOT NULL DEFAULT 0, -- 0: everywhere
	value TEXT NOT NULL,
	PRIMARY KEY (name, pool_id)
) STRICT, WITHOUT ROWID;

INSERT INTO new_setting (name, value) SELECT name, value FROM setting;
DROP TABLE setting;
ALTER TABLE new_setting RENAME TO setting;

-- What an administrator has said of an object.
CREATE TABLE object_flag (
	object TEXT NOT NULL,
	flag TEXT NOT NULL, -- block or bypass
	until INTEGER,	    -- NULL: until it is taken back
	because TEXT,
	since INTEGER NOT NULL,
	user TEXT NOT NULL,
	PRIMARY KEY (object, flag)
) STRICT, WITHOUT ROWID;

-- What was refused to an object, by which policy (0: by the flag), and from where.  No
-- foreign key, for the reason that bucket has none.
CREATE TABLE refusal (
	object TEXT NOT NULL,
	policy_id INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (object, policy_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX refusal_last ON refusal (last);

CREATE TABLE refused_client (
	object TEXT NOT NULL,
	client TEXT NOT NULL,
	refused INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (object, client)
) STRICT, WITHOUT ROWID;

CREATE INDEX refused_client_last ON refused_client (last);

-- Per second (since 1970), for policies with rate-stats.
CREATE TABLE traffic (
	policy_id INTEGER NOT NULL,
	second INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	PRIMARY KEY (policy_id, second)
) STRICT, WITHOUT ROWID;

CREATE INDEX traffic_second ON traffic (second);

CREATE TABLE header_rule (
	id INTEGER PRIMARY KEY,
	policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
	header TEXT NOT NULL COLLATE NOCASE,
	regex TEXT NOT NULL,
	UNIQUE (policy_id, header, regex)
) STRICT;

CREATE TABLE header_addition (
	rule_id INTEGER NOT NULL REFERENCES header_rule (id) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (rule_id, position)
) STRICT, WITHOUT ROWID;

-- What each counter holds now.  The columns behind free_at are for arithmetic: amount
-- and period are the parts of "limit"; pool says whose counter it is where the same
-- limit counts apart for each pool, else it is NULL.
CREATE VIEW v_counters AS
WITH
clock (now) AS (
	SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
),
piece AS (
	SELECT b.limit_id, b.object, b.count,
		p.name AS policy, o.name AS pool, l.spelling, l.amount, l.period,
		l.period * 1000000
			+ CASE p.strategy WHEN 'fixed' THEN b.first ELSE b.last END AS ends
	FROM bucket b
	JOIN policy_limit l ON l.id = b.limit_id AND l.kind = 'limit'
	JOIN policy p ON p.id = l.policy_id
	LEFT JOIN pool o ON o.id = l.pool_id
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
	SELECT policy, object, pool, spelling, SUM(count) AS used, amount, period,
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
	amount, period, pool
FROM counter;

-- Who is in a penalty now, of which policy, until when.
CREATE VIEW v_penalties AS
SELECT p.name AS policy, b.object,
	strftime('%Y-%m-%dT%H:%M:%S', (b.last + l.period * 1000000 + 999) / 1000000,
		'unixepoch')
		|| printf('.%03dZ', (b.last + l.period * 1000000 + 999) / 1000 % 1000)
		AS until,
	o.name AS pool
FROM bucket b
JOIN policy_limit l ON l.id = b.limit_id AND l.kind = 'penalty'
JOIN policy p ON p.id = l.policy_id
LEFT JOIN pool o ON o.id = l.pool_id
WHERE b.count > 0 AND b.last + l.period * 1000000
	> CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000;

-- What an administrator has said of objects, as far as it is not over.
CREATE VIEW v_flags AS
SELECT object, flag,
	strftime('%Y-%m-%dT%H:%M:%S', (until + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (until + 999) / 1000 % 1000) AS until,
	because,
	strftime('%Y-%m-%dT%H:%M:%S', since / 1000000, 'unixepoch')
		|| printf('.%03dZ', since / 1000 % 1000) AS since,
	user
FROM object_flag
WHERE until IS NULL
	OR until > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000;

-- What was refused to whom; policy NULL: by a flag, or by a policy that has gone.
CREATE VIEW v_refusals AS
SELECT r.object, p.name AS policy, r.refused,
	strftime('%Y-%m-%dT%H:%M:%S', r.first / 1000000, 'unixepoch')
		|| printf('.%03dZ', r.first / 1000 % 1000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', r.last / 1000000, 'unixepoch')
		|| printf('.%03dZ', r.last / 1000 % 1000) AS last
FROM refusal r
LEFT JOIN policy p ON p.id = r.policy_id;

-- Messages that matched a policy with rate-stats, in each second that had any.
CREATE VIEW v_traffic AS
SELECT p.name AS policy,
	strftime('%Y-%m-%dT%H:%M:%SZ', t.second, 'unixepoch') AS time,
	t.messages, t.refused
FROM traffic t
JOIN policy p ON p.id = t.policy_id;
