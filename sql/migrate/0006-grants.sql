-- Grants: more room for an object, for a while.
-- SPDX-License-Identifier: Apache-2.0

-- More messages in each limit that counts them, until then.
CREATE TABLE object_grant (
	object TEXT NOT NULL,
	-- NULL: in every policy
	policy_id INTEGER REFERENCES policy (id) ON DELETE CASCADE,
	amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 2000000000),
	until INTEGER NOT NULL,
	because TEXT,
	since INTEGER NOT NULL,
	user TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX object_grant_whose ON object_grant (object, IFNULL(policy_id, 0));
CREATE INDEX object_grant_policy ON object_grant (policy_id);

-- What is granted now; policy NULL: in every one.
CREATE VIEW v_grants AS
SELECT g.object, p.name AS policy, g.amount,
	strftime('%Y-%m-%dT%H:%M:%S', (g.until + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (g.until + 999) / 1000 % 1000) AS until,
	g.because,
	strftime('%Y-%m-%dT%H:%M:%S', g.since / 1000000, 'unixepoch')
		|| printf('.%03dZ', g.since / 1000 % 1000) AS since,
	g.user
FROM object_grant g
LEFT JOIN policy p ON p.id = g.policy_id
WHERE g.until > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000;

DROP VIEW v_counters;
DROP VIEW live_bucket;

-- As before, and how much more than the amount is granted.
CREATE VIEW live_bucket AS
WITH
clock (now) AS (
	SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
),
piece AS (
	SELECT b.limit_id, b.object, b.first, b.last, b.count, b.rest, p.name AS policy,
		l.kind, l.pool_id, l.spelling, l.amount, l.period, l.period * 1000000 AS us,
		-- penalties last from when they began
		IIF(l.kind = 'penalty', 'moving', p.strategy) AS strategy, c.now,
		IFNULL(every.amount, 0) + IFNULL(this.amount, 0) AS granted,
		-- of both the first that ends
		MIN(IFNULL(every.until, this.until), IFNULL(this.until, every.until))
			AS granted_until
	-- in this order: an object is found by the key, which begins with the limit
	FROM policy_limit l
	CROSS JOIN bucket b ON b.limit_id = l.id
	JOIN policy p ON p.id = l.policy_id
	CROSS JOIN clock c
	-- where messages are counted; there is one of each at most
	LEFT JOIN object_grant every ON every.object = b.object
		AND IFNULL(every.policy_id, 0) = 0 AND every.until > c.now
		AND p.count = 'messages'
	LEFT JOIN object_grant this ON this.object = b.object
		AND IFNULL(this.policy_id, 0) = p.id AND this.until > c.now
		AND p.count = 'messages'
),
-- drain: what of a level goes in a period
going AS (
	SELECT *, IIF(amount > 0, amount, granted) AS drain FROM piece
),
measured AS (
	SELECT *,
		CASE strategy
		WHEN 'sliding' THEN first + 2 * us
		WHEN 'fixed' THEN first + us
		WHEN 'bucket' THEN IIF(drain = 0, 0x7fffffffffffffff,
			CAST(last + (count * us + rest + drain - 1) / drain AS INTEGER))
		ELSE last + us
		END AS ends,
		-- of a level: what it has lost or (its rest) has more than whole tokens
		rest - drain * MAX(0, now - last) AS more
	FROM going
),
counted AS (
	SELECT *,
		CASE
		WHEN strategy = 'sliding' AND first + us < now THEN
			MIN(count, CAST((count * (ends - now) + us - 1) / us AS INTEGER))
		WHEN strategy = 'bucket' THEN
			count + CAST(IIF(more > 0, more + us - 1, more) / us AS INTEGER)
		ELSE count
		END AS used
	FROM measured
)
SELECT * FROM counted WHERE ends > now AND used > 0;

-- What each counter holds now.  The columns behind free_at are for arithmetic: amount
-- and period are the parts of "limit", with what is granted in it; pool says whose
-- counter it is where the same limit counts apart for each pool, else it is NULL.
CREATE VIEW v_counters AS
WITH
live AS (
	-- room: what one more leaves to this bucket, if those behind it stay whole
	SELECT *,
		amount + granted - 1 - IFNULL(SUM(count) OVER (PARTITION BY limit_id, object
			ORDER BY ends DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
			AS room
	FROM live_bucket
	WHERE kind = 'limit'
),
leaving AS (
	SELECT *,
		CASE strategy
		WHEN 'sliding' THEN
			ends - CAST(MIN(us, room * us / MAX(count, 1)) AS INTEGER)
		WHEN 'bucket' THEN
			CAST(last + ((count - room) * us + rest + drain - 1)
				/ MAX(drain, 1) AS INTEGER)
		ELSE ends
		END AS fits_at,
		-- the same when the grant is over
		CASE strategy
		WHEN 'sliding' THEN ends
			- CAST(MIN(us, (room - granted) * us / MAX(count, 1)) AS INTEGER)
		WHEN 'bucket' THEN
			CAST(last + ((count - room + granted) * us + rest + drain - 1)
				/ MAX(drain, 1) AS INTEGER)
		ELSE ends
		END AS fits_then
	FROM live
),
-- Windows where groups would do: past these a condition on the object reaches the key
-- of table bucket.  n: one row of each counter is enough.
counter AS (
	SELECT policy, object, pool_id, spelling, SUM(used) OVER whole AS used, amount,
		period, granted, granted_until,
		IIF(SUM(used) OVER whole >= amount + granted,
			MIN(fits_at) FILTER (WHERE room >= 0) OVER whole, NULL) AS free_at,
		MIN(fits_then) FILTER (WHERE room >= granted) OVER whole AS free_then,
		ROW_NUMBER() OVER whole AS n
	FROM leaving
	WINDOW whole AS (PARTITION BY limit_id, object)
),
told AS (
	SELECT *, IIF(free_at >= granted_until, free_then, free_at) AS told_at
	FROM counter
	WHERE n = 1
)
SELECT c.policy, c.object,
	IIF(c.granted > 0,
		(c.amount + c.granted) || substr(c.spelling, instr(c.spelling, '/')),
		c.spelling) AS "limit",
	c.used,
	-- NULL: there is room now, or (amount 0) never
	strftime('%Y-%m-%dT%H:%M:%S', (c.told_at + 999) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (c.told_at + 999) / 1000 % 1000) AS free_at,
	c.amount + c.granted AS amount, c.period, o.name AS pool, c.granted
FROM told c
LEFT JOIN pool o ON o.id = c.pool_id;
