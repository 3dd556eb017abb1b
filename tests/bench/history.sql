-- A history of :rows messages over 30 days until now, as the daemon would have written it,
-- and what it keeps beside that: recipients, traffic, refusals, counters of the last day;
-- what was seen of the first :digested messages.
-- For bench.sh, on a database with policies p0 to p29 (its made_policies) and no history.
-- Nothing is drawn: the same numbers give the same rows.
-- SPDX-License-Identifier: Apache-2.0

PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -200000;
BEGIN;

-- 50,000 senders: 2,000 of them log in, each from three addresses (and now and then from
-- another one), the others come from 5,000 hosts.  Each is of the domain of a policy.
CREATE TEMP TABLE person (
	k INTEGER PRIMARY KEY, policy TEXT, login TEXT, sender TEXT, client TEXT, spf TEXT
);

INSERT INTO person
SELECT value, 'p' || (value % 30),
	iif(value < 2000, 'user' || value || '@d' || (value % 30) || '.example.org', NULL),
	'user' || value || iif(value < 2000, '@d', '@mail' || (value % 5000) || '.d')
		|| (value % 30) || iif(value < 2000, '.example.org', '.example.net'),
	CASE
	WHEN value < 2000 THEN '10.' || (value / 250) || '.' || (value % 250) || '.'
	WHEN value % 10 = 0 THEN '2001:db8:' || printf('%x', value % 5000) || '::19'
	ELSE '198.18.' || (value % 5000 / 250) || '.' || (value % 250)
	END,
	iif(value < 2000, NULL,
		json_extract('["pass","pass","pass","none","softfail","fail"]',
			'$[' || (value % 5000 % 6) || ']'))
FROM generate_series(0, 49999);

-- Less at night: three times as much comes by day.
CREATE TEMP TABLE clock AS
SELECT CAST(strftime('%s') AS INTEGER) AS now, strftime('%s') / 86400.0 * 2 * pi() AS noon;

-- Four numbers from 0 to 1 for each message: whose it is (few send most), what becomes of
-- it, where it comes from, to whom it goes.
WITH draw AS (
	SELECT value AS id,
		value * 48271 % 2147483647 / 2147483647.0 AS who,
		value * 69621 % 2147483647 / 2147483647.0 AS what,
		value * 39373 % 2147483647 / 2147483647.0 AS place,
		value * 16807 % 2147483647 / 2147483647.0 AS whom
	FROM generate_series(1, :rows)
)
INSERT INTO decision (id, time, queue_id, verdict, policy, object, login, sender, client,
	mta, recipients, size, reason, free_at, spf)
SELECT d.id,
	CAST((c.now - 30 * 86400 + 30.0 * 86400 * d.id / :rows
		+ 0.5 * 86400 / 2 / pi()
			* (sin(c.noon + 2 * pi() * 30 * d.id / :rows) - sin(c.noon)))
		* 1000000 AS INTEGER) AS time,
	printf('4B%011d', d.id),
	CASE WHEN what < 0.007 THEN 'defer' WHEN what < 0.01 THEN 'block' ELSE 'accept' END,
	policy, sender, login, sender,
	iif(login IS NULL, client,
		client || CAST(1 + iif(place < 0.01, place * 25000, place * 3) AS INTEGER)),
	'mx.example.org',
	CASE WHEN whom < 0.8 THEN 1 WHEN whom < 0.95 THEN 2 ELSE 5 END,
	CAST(1000 + 100000 * place * place AS INTEGER),
	iif(what < 0.01, 'Message limit 1000/hour reached for ' || sender
		|| ', room again in 12 minutes', NULL),
	iif(what < 0.01, (c.now + 720) * 1000000, NULL),
	spf
FROM clock c
CROSS JOIN draw d
CROSS JOIN person p ON p.k = CAST(50000 * who * who * who AS INTEGER);

-- Each writes to fifty others, and once in ten to anybody.
INSERT INTO recipient (decision_id, n, address)
SELECT id, n, 'rcpt' || whom || '@to' || (whom % 700) || '.example.com'
FROM (
	SELECT d.id, n.value AS n, iif((d.id + n.value) % 10 = 0, d.id * n.value,
		length(sender) * 997 + unicode(substr(sender, 5)) * 89
			+ unicode(substr(sender, 6)) * 8 + d.id * 31 * n.value % 50)
		% 200003 AS whom
	FROM decision d
	CROSS JOIN generate_series(1, d.recipients) n
);

INSERT INTO traffic (step, start, policy_id, accept, defer, block)
SELECT s.value, time / 1000000 / s.value * s.value, 0, SUM(verdict = 'accept'),
	SUM(verdict = 'defer'), SUM(verdict = 'block')
FROM json_each('[1, 60, 3600, 86400]') s
CROSS JOIN decision d
WHERE s.value > 1 OR d.time > (SELECT now - 7 * 86400 FROM clock) * 1000000
GROUP BY 1, 2;

INSERT INTO traffic (step, start, policy_id, accept, defer, block)
SELECT s.value, time / 1000000 / s.value * s.value, p.id, SUM(verdict = 'accept'),
	SUM(verdict = 'defer'), SUM(verdict = 'block')
FROM json_each('[1, 60, 3600, 86400]') s
CROSS JOIN decision d
JOIN policy p ON p.name = d.policy AND p.rate_stats = 'yes'
WHERE s.value > 1 OR d.time > (SELECT now - 7 * 86400 FROM clock) * 1000000
GROUP BY 1, 2, 3;

INSERT INTO refusal (object, policy_id, refused, first, last)
SELECT object, p.id, COUNT(*), MIN(time), MAX(time)
FROM decision d
JOIN policy p ON p.name = d.policy
WHERE verdict IN ('defer', 'block')
GROUP BY 1, 2;

INSERT INTO refused_client (object, client, refused, last)
SELECT object, client, COUNT(*), MAX(time)
FROM decision
WHERE verdict IN ('defer', 'block')
GROUP BY 1, 2;

INSERT INTO bucket (limit_id, object, first, last, count)
SELECT l.id, object, MIN(time), MAX(time), COUNT(*)
FROM policy_limit l
JOIN policy p ON p.id = l.policy_id
JOIN decision d ON d.policy = p.name AND verdict = 'accept'
	AND d.time > ((SELECT now FROM clock) - l.period) * 1000000
GROUP BY l.id, object, time / (l.period * 1000000 / 64);

-- What the housekeeping would have made of the first :digested of them; it comes to the
-- others.
INSERT INTO seen (kind, who, what, messages, refused, first, last)
SELECT kind, who, what, COUNT(*), SUM(refused), MIN(time), MAX(time)
FROM sight
WHERE id <= :digested
GROUP BY 1, 2, 3;

UPDATE mark SET value = :digested WHERE name = 'seen';

-- Somebody has turned a screw every half hour.
INSERT INTO audit (time, uid, user, command, was, became, undo)
SELECT (now - value * 1800) * 1000000, 0, 'root',
	'policy set p' || (value % 30) || ' limit=1000/hour,10000/day',
	'limit=900/hour,10000/day', 'limit=1000/hour,10000/day',
	'policy set p' || (value % 30) || ' limit=900/hour,10000/day'
FROM clock
CROSS JOIN generate_series(1440, 1, -1);

INSERT INTO audit_thing (audit_id, kind, name, pool)
SELECT id, 'policy', substr(command, 12, instr(substr(command, 12), ' ') - 1), ''
FROM audit WHERE command GLOB 'policy set *';

INSERT INTO trouble (begun, state, said, ended)
SELECT (now - value * 86400) * 1000000, 'store', 'database or disk is full',
	(now - value * 86400 + 60) * 1000000
FROM clock
CROSS JOIN generate_series(1, 29);

COMMIT;
