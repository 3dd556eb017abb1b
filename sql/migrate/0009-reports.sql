-- What is known of the mail environment: the history by time, recipients, traffic from
-- seconds to days, what was seen of whom, and when something was wrong.
-- SPDX-License-Identifier: Apache-2.0

-- Each message paid more for its place in this one than for its row; what it was asked for
-- is in table seen.
DROP INDEX decision_object;

-- Rows come in the order of time, so this one grows at its end.
CREATE INDEX decision_time ON decision (time);

-- What came to nothing, which is asked for by itself: few rows of many, as a rule.
CREATE INDEX decision_refused ON decision (time) WHERE verdict NOT IN ('accept', 'bypass');

-- Refusals were kept for as long as the history; they have a setting of their own by now.
INSERT INTO setting (name, pool_id, value)
SELECT 'refusal_days', pool_id, value FROM setting WHERE name = 'history_days';

-- The recipients of a message, in the order of the commands (history = recipients).
CREATE TABLE recipient (
	decision_id INTEGER NOT NULL,
	n INTEGER NOT NULL,
	address TEXT NOT NULL, -- as an object
	-- 1: this one alone was refused, by that policy (NULL: by a flag)
	refused INTEGER NOT NULL DEFAULT 0,
	policy TEXT,
	PRIMARY KEY (decision_id, n)
) STRICT, WITHOUT ROWID;

DROP VIEW v_traffic;
ALTER TABLE traffic RENAME TO old_traffic;
DROP INDEX traffic_second;

-- Messages by what became of them: of all mail (policy 0), and of each policy with
-- rate-stats; by the second, the minute, the hour and the day.
CREATE TABLE traffic (
	step INTEGER NOT NULL,	-- seconds
	start INTEGER NOT NULL, -- seconds since 1970
	policy_id INTEGER NOT NULL,
	accept INTEGER NOT NULL DEFAULT 0,
	bypass INTEGER NOT NULL DEFAULT 0,
	monitor INTEGER NOT NULL DEFAULT 0,
	defer INTEGER NOT NULL DEFAULT 0,
	block INTEGER NOT NULL DEFAULT 0,
	hold INTEGER NOT NULL DEFAULT 0,
	discard INTEGER NOT NULL DEFAULT 0,
	error INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (step, start, policy_id)
) STRICT, WITHOUT ROWID;

-- Until now nobody wrote down how a message was refused.
INSERT INTO traffic (step, start, policy_id, accept, defer)
SELECT s.value, t.second - t.second % s.value, t.policy_id,
	SUM(MAX(0, t.messages - t.refused)), SUM(t.refused)
FROM old_traffic t, json_each('[1, 60, 3600, 86400]') s
GROUP BY 1, 2, 3;

DROP TABLE old_traffic;

-- What was seen of whom, from rows of the history that do not change any more: made in the
-- background, up to the row whose id is in table mark.
CREATE TABLE seen (
	-- object: who is the object, what the day; sender: the sender, his login or '';
	-- client: the login, the client address; from: another object, the client address;
	-- recipient: the login, the recipient; policy: its name or '', the day and the verdict
	kind TEXT NOT NULL,
	who TEXT NOT NULL,
	what TEXT NOT NULL,
	messages INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (kind, who, what)
) STRICT, WITHOUT ROWID;

-- Objects by the day: a week is little of all that stays for a year.  The kind is there for
-- SQLite, which else takes the key for it.
CREATE INDEX seen_day ON seen (kind, what, who) WHERE kind = 'object';

-- Logins by their domain, with its @.
CREATE INDEX seen_domain ON seen (substr(who, length(rtrim(who, replace(who, '@', '')))))
WHERE kind = 'client';

-- Whom rows of it are of (engine/seen_walk.h): of those who log in, 0 to 4, or of strangers,
-- 5 to 7.  An object is a login's if it was seen as a login or is the domain of one:
-- strangers can send from as many other domains as they like.  Of '*' they can make no more
-- than a row a day.  The + takes the type away from who: for a column with a type SQLite
-- does not use an index of an expression, which has none.
CREATE VIEW seen_class AS
SELECT kind, who, what, last,
	CASE kind
	WHEN 'client' THEN 0
	WHEN 'recipient' THEN 1
	WHEN 'policy' THEN 2
	WHEN 'sender' THEN iif(what <> '', 3, 5)
	WHEN 'object' THEN iif(CASE
		WHEN who = '*' THEN 1
		WHEN who GLOB '@*' THEN EXISTS (SELECT 1 FROM seen c
			WHERE c.kind = 'client'
				AND substr(c.who, length(rtrim(c.who, replace(c.who, '@', ''))))
					= +s.who)
		ELSE EXISTS (SELECT 1 FROM seen c
			WHERE c.kind = 'client' AND c.who = s.who)
		END, 4, 6)
	ELSE 7
	END AS class
FROM seen s;

-- How far work in the background has come.
CREATE TABLE mark (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO mark (name, value) VALUES ('seen', 0);

-- Times in which something was wrong; ended NULL: it still is.
CREATE TABLE trouble (
	begun INTEGER NOT NULL,
	state TEXT NOT NULL,
	said TEXT NOT NULL,
	ended INTEGER,
	PRIMARY KEY (begun, state)
) STRICT, WITHOUT ROWID;

DROP VIEW v_decisions;

-- The last two columns are for arithmetic: at is the time in microseconds since 1970, by
-- which rows are found at once.
CREATE VIEW v_decisions AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	queue_id, verdict, policy, object, login, sender, client, mta, recipients, size,
	reason,
	-- rounded up, as everywhere: at that moment there is room
	strftime('%Y-%m-%dT%H:%M:%S', (free_at + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (free_at + 999) / 1000 % 1000) AS free_at,
	id, time AS at
FROM decision;

-- The domain is what is behind the last @.
CREATE VIEW v_recipients AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', d.time / 1000000, 'unixepoch')
		|| printf('.%03dZ', d.time / 1000 % 1000) AS time,
	d.queue_id, r.address AS recipient,
	iif(instr(r.address, '@') > 0,
		substr(r.address, length(rtrim(r.address, replace(r.address, '@', ''))) + 1),
		NULL) AS domain,
	r.refused, r.policy, d.verdict, d.sender, d.login, d.client, d.object, d.mta,
	d.id AS message, r.n, d.time AS at
FROM decision d
CROSS JOIN recipient r ON r.decision_id = d.id;

DROP VIEW v_spf;

-- What came out for the messages that were checked.  The sender's domain is what is behind
-- the last @: a quoted local part may have others.
CREATE VIEW v_spf AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	queue_id, spf AS result,
	nullif(ifnull(spf_domain,
		substr(sender, length(rtrim(sender, replace(sender, '@', ''))) + 1)), '') AS domain,
	iif(sender = '<>', 'helo', 'mailfrom') AS identity,
	verdict, policy, sender, client, mta, object, login,
	reason, time AS at
FROM decision
WHERE spf IS NOT NULL;

-- All mail is 'all', which is no policy's name.
CREATE VIEW traffic_named AS
SELECT t.*, ifnull(p.name, 'all') AS policy,
	strftime('%Y-%m-%dT%H:%M:%SZ', t.start, 'unixepoch') AS time,
	t.accept + t.bypass + t.monitor + t.defer + t.block + t.hold + t.discard + t.error
		AS messages,
	t.defer + t.block + t.hold + t.discard AS refused
FROM traffic t
LEFT JOIN policy p ON p.id = t.policy_id
WHERE t.policy_id = 0 OR p.id IS NOT NULL;

CREATE VIEW v_traffic AS
SELECT policy, time, messages, refused, accept, bypass, monitor, defer, block, hold,
	discard, error, start
FROM traffic_named WHERE step = 1;

CREATE VIEW v_traffic_minutes AS
SELECT policy, time, messages, refused, accept, bypass, monitor, defer, block, hold,
	discard, error, start
FROM traffic_named WHERE step = 60;

CREATE VIEW v_traffic_hours AS
SELECT policy, time, messages, refused, accept, bypass, monitor, defer, block, hold,
	discard, error, start
FROM traffic_named WHERE step = 3600;

CREATE VIEW v_traffic_days AS
SELECT policy, time, messages, refused, accept, bypass, monitor, defer, block, hold,
	discard, error, start
FROM traffic_named WHERE step = 86400;

-- The rows of the history that are not in table seen yet.
CREATE VIEW fresh AS
SELECT d.*, d.verdict IN ('defer', 'block', 'hold', 'discard') AS refused
FROM mark k
CROSS JOIN decision d ON d.id > k.value
WHERE k.name = 'seen';

-- What they will be in it, a view for each kind: SQLite would go through all of them for a
-- condition on a column with the kind.
CREATE VIEW sight_object AS
SELECT id, object AS who, date(time / 1000000, 'unixepoch') AS what, time, refused
FROM fresh WHERE object IS NOT NULL;

CREATE VIEW sight_sender AS
SELECT id, sender AS who, ifnull(login, '') AS what, time, refused
FROM fresh WHERE sender IS NOT NULL;

CREATE VIEW sight_client AS
SELECT id, login AS who, client AS what, time, refused
FROM fresh WHERE login IS NOT NULL AND client IS NOT NULL;

CREATE VIEW sight_recipient AS
SELECT f.id, f.login AS who, r.address AS what, f.time, f.refused OR r.refused AS refused
FROM fresh f CROSS JOIN recipient r ON r.decision_id = f.id
WHERE f.login IS NOT NULL;

CREATE VIEW sight_policy AS
SELECT id, ifnull(policy, '') AS who,
	date(time / 1000000, 'unixepoch') || ' ' || verdict AS what, time, refused
FROM fresh;

CREATE VIEW sight AS
SELECT 'object' AS kind, * FROM sight_object
UNION ALL
SELECT 'sender', * FROM sight_sender
UNION ALL
SELECT 'client', * FROM sight_client
UNION ALL
SELECT 'from', id, object, client, time, refused
FROM fresh WHERE object IS NOT login AND client IS NOT NULL AND object IS NOT NULL
UNION ALL
SELECT 'recipient', * FROM sight_recipient
UNION ALL
SELECT 'policy', * FROM sight_policy;

-- Summed up.  They are TEXT here as in table seen: else what both have is not found by both
-- columns.
CREATE VIEW tail_object AS
SELECT CAST(who AS TEXT) AS who, CAST(what AS TEXT) AS what, COUNT(*) AS messages,
	SUM(refused) AS refused, MIN(time) AS first, MAX(time) AS last
FROM sight_object
GROUP BY 1, 2;

CREATE VIEW tail_sender AS
SELECT CAST(who AS TEXT) AS who, CAST(what AS TEXT) AS what, COUNT(*) AS messages,
	SUM(refused) AS refused, MIN(time) AS first, MAX(time) AS last
FROM sight_sender
GROUP BY 1, 2;

CREATE VIEW tail_client AS
SELECT CAST(who AS TEXT) AS who, CAST(what AS TEXT) AS what, COUNT(*) AS messages,
	SUM(refused) AS refused, MIN(time) AS first, MAX(time) AS last
FROM sight_client
GROUP BY 1, 2;

CREATE VIEW tail_recipient AS
SELECT CAST(who AS TEXT) AS who, CAST(what AS TEXT) AS what, COUNT(*) AS messages,
	SUM(refused) AS refused, MIN(time) AS first, MAX(time) AS last
FROM sight_recipient
GROUP BY 1, 2;

CREATE VIEW tail_policy AS
SELECT CAST(who AS TEXT) AS who, CAST(what AS TEXT) AS what, COUNT(*) AS messages,
	SUM(refused) AS refused, MIN(time) AS first, MAX(time) AS last
FROM sight_policy
GROUP BY 1, 2;

-- Table seen and, added to it, the tail of the history that is not in it yet.  Who asks for one
-- object (or sender, or login) has both asked for that one alone: with the tail on the left
-- side, and no table of it that both halves share, SQLite hands the condition on.
CREATE VIEW v_seen_objects AS
WITH whole AS (
	SELECT t.who, t.what, t.messages + ifnull(s.messages, 0) AS messages,
		t.refused + ifnull(s.refused, 0) AS refused,
		min(t.first, ifnull(s.first, t.first)) AS first,
		max(t.last, ifnull(s.last, t.last)) AS last
	FROM tail_object t
	LEFT JOIN seen s ON s.kind = 'object' AND s.who = t.who AND s.what = t.what
	UNION ALL
	SELECT who, what, messages, refused, first, last
	FROM seen s
	WHERE kind = 'object' AND NOT EXISTS (SELECT 1 FROM tail_object t
		WHERE t.who = s.who AND t.what = s.what)
)
SELECT who AS object, what AS day, messages, refused,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch')
		|| printf('.%03dZ', first / 1000 % 1000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last,
	first AS first_at, last AS last_at
FROM whole;

CREATE VIEW v_seen_senders AS
WITH whole AS (
	SELECT t.who, t.what, t.messages + ifnull(s.messages, 0) AS messages,
		t.refused + ifnull(s.refused, 0) AS refused,
		min(t.first, ifnull(s.first, t.first)) AS first,
		max(t.last, ifnull(s.last, t.last)) AS last
	FROM tail_sender t
	LEFT JOIN seen s ON s.kind = 'sender' AND s.who = t.who AND s.what = t.what
	UNION ALL
	SELECT who, what, messages, refused, first, last
	FROM seen s
	WHERE kind = 'sender' AND NOT EXISTS (SELECT 1 FROM tail_sender t
		WHERE t.who = s.who AND t.what = s.what)
)
SELECT who AS sender, nullif(what, '') AS login, messages, refused,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch')
		|| printf('.%03dZ', first / 1000 % 1000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last,
	first AS first_at, last AS last_at
FROM whole;

-- The network of IPv6 is made of all eight groups ("::" stands for those that are 0), of which
-- the last four go, and then whichever are 0 at the end: "::" stands for all of them again, as
-- in objects.
CREATE VIEW v_seen_clients AS
WITH whole AS (
	SELECT t.who, t.what, t.messages + ifnull(s.messages, 0) AS messages,
		t.refused + ifnull(s.refused, 0) AS refused,
		min(t.first, ifnull(s.first, t.first)) AS first,
		max(t.last, ifnull(s.last, t.last)) AS last
	FROM tail_client t
	LEFT JOIN seen s ON s.kind = 'client' AND s.who = t.who AND s.what = t.what
	UNION ALL
	SELECT who, what, messages, refused, first, last
	FROM seen s
	WHERE kind = 'client' AND NOT EXISTS (SELECT 1 FROM tail_client t
		WHERE t.who = s.who AND t.what = s.what)
)
SELECT who AS login, what AS client, messages, refused,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch')
		|| printf('.%03dZ', first / 1000 % 1000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last,
	first AS first_at, last AS last_at,
	iif(what GLOB '*:*',
		(SELECT substr(half, 2, length(half) - 2) || ':/64'
		FROM (SELECT replace(replace(replace(replace(
			':' || rtrim(rtrim(rtrim(rtrim(rtrim(rtrim(rtrim(
				trim(replace(what, '::', zeros), ':'),
				hex), ':'), hex), ':'), hex), ':'), hex) || '/',
			':0:0:0:0:/', '::/'), ':0:0:0:/', ':/'), ':0:0:/', ':/'), ':0:/', ':/')
			AS half
		FROM (SELECT '0123456789abcdef.' AS hex, ':' || substr('0:0:0:0:0:0:0:0:', 1,
			2 * (8 - (length(what) - length(replace(what, ':', ''))
				- (what GLOB '::*') - (what GLOB '*::')))) AS zeros))),
		rtrim(what, '0123456789') || '0/24') AS network
FROM whole;

CREATE VIEW v_seen_recipients AS
WITH whole AS (
	SELECT t.who, t.what, t.messages + ifnull(s.messages, 0) AS messages,
		t.refused + ifnull(s.refused, 0) AS refused,
		min(t.first, ifnull(s.first, t.first)) AS first,
		max(t.last, ifnull(s.last, t.last)) AS last
	FROM tail_recipient t
	LEFT JOIN seen s ON s.kind = 'recipient' AND s.who = t.who AND s.what = t.what
	UNION ALL
	SELECT who, what, messages, refused, first, last
	FROM seen s
	WHERE kind = 'recipient' AND NOT EXISTS (SELECT 1 FROM tail_recipient t
		WHERE t.who = s.who AND t.what = s.what)
)
SELECT who AS login, what AS recipient, messages, refused,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch')
		|| printf('.%03dZ', first / 1000 % 1000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last,
	first AS first_at, last AS last_at
FROM whole;

CREATE VIEW v_seen_policies AS
WITH whole AS (
	SELECT t.who, t.what, t.messages + ifnull(s.messages, 0) AS messages,
		t.refused + ifnull(s.refused, 0) AS refused,
		min(t.first, ifnull(s.first, t.first)) AS first,
		max(t.last, ifnull(s.last, t.last)) AS last
	FROM tail_policy t
	LEFT JOIN seen s ON s.kind = 'policy' AND s.who = t.who AND s.what = t.what
	UNION ALL
	SELECT who, what, messages, refused, first, last
	FROM seen s
	WHERE kind = 'policy' AND NOT EXISTS (SELECT 1 FROM tail_policy t
		WHERE t.who = s.who AND t.what = s.what)
)
SELECT nullif(who, '') AS policy, substr(what, 1, 10) AS day, substr(what, 12) AS verdict,
	messages, refused,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch')
		|| printf('.%03dZ', first / 1000 % 1000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch')
		|| printf('.%03dZ', last / 1000 % 1000) AS last,
	first AS first_at, last AS last_at
FROM whole;

CREATE VIEW v_trouble AS
SELECT state, said,
	strftime('%Y-%m-%dT%H:%M:%S', begun / 1000000, 'unixepoch')
		|| printf('.%03dZ', begun / 1000 % 1000) AS begun,
	strftime('%Y-%m-%dT%H:%M:%S', ended / 1000000, 'unixepoch')
		|| printf('.%03dZ', ended / 1000 % 1000) AS ended,
	begun AS begun_at, ended AS ended_at
FROM trouble;

-- What is used of each limit, without the reckoning of v_counters when there will be room:
-- for whoever looks at all of them.
CREATE VIEW v_usage AS
WITH
counter AS (
	SELECT policy, object, pool_id, spelling, SUM(used) AS used, amount, period, granted
	FROM live_bucket
	WHERE kind = 'limit'
	GROUP BY limit_id, object
)
SELECT c.policy, c.object,
	iif(c.granted > 0,
		(c.amount + c.granted) || substr(c.spelling, instr(c.spelling, '/')),
		c.spelling) AS "limit",
	c.used, c.amount + c.granted AS amount, c.period, o.name AS pool, c.granted
FROM counter c
LEFT JOIN pool o ON o.id = c.pool_id;

DROP VIEW v_audit;

CREATE VIEW v_audit AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
		|| printf('.%03dZ', time / 1000 % 1000) AS time,
	uid, user, command, refusal, id AS number, was, became, time AS at
FROM audit;
