-- A history with known answers, for tests of the reports: of a database in which there are the
-- policies out (limit=10/hour,100/day, rate-stats) and mx:out (limit=200/day) alone.  Times
-- are fixed; what is in use of limits is of now.
-- SPDX-License-Identifier: Apache-2.0
CREATE TEMP TABLE mail (id, at, verdict, policy, object, login, sender, client, reason, spf);
INSERT INTO mail VALUES
	(1, '2026-11-01 10:00:00.000', 'accept', 'out', 'alice@example.org', 'alice@example.org',
		'alice@example.org', '192.0.2.1', NULL, NULL),
	(2, '2026-11-14 08:00:00.250', 'accept', 'out', 'alice@example.org', 'alice@example.org',
		'alice@example.org', '192.0.2.1', NULL, NULL),
	(3, '2026-11-14 23:59:59.999', 'defer', 'out', 'alice@example.org', 'alice@example.org',
		'alice@example.org', '192.0.2.200', 'Message limit 1/hour reached', NULL),
	(4, '2026-11-15 00:00:00.000', 'accept', 'out', 'alice@example.org', 'alice@example.org',
		'news@example.org', '2001:db8::7', NULL, NULL),
	(5, '2026-11-15 06:00:00.000', 'defer', 'out', '"b,o""b"@example.org', NULL,
		'"b,o""b"@example.org', '198.51.100.9', 'SPF says fail', 'fail'),
	(6, '2026-11-15 06:00:01.000', 'block', 'mx:out', '198.51.100.9', NULL, '<>',
		'198.51.100.9', 'SPF says softfail', 'softfail'),
	(7, '2026-11-15 07:00:00.000', 'monitor', 'watch', 'jürgen@example.org',
		'jürgen@example.org', 'jürgen@example.org', '203.0.113.5', NULL, NULL),
	(8, '2026-11-15 07:00:01.000', 'monitor', 'watch', 'jürgen@example.org',
		'jürgen@example.org', 'jürgen@example.org', '203.0.113.6', NULL, NULL),
	(9, '2026-11-15 07:30:00.000', 'monitor', 'watch', '=1+2@example.org', NULL,
		'=1+2@example.org', '203.0.113.7', NULL, 'pass'),
	(10, '2026-11-15 09:00:00.000', 'bypass', NULL, 'vip@example.org', 'vip@example.org',
		'vip@example.org', '192.0.2.3', NULL, NULL),
	(11, '2026-11-15 12:00:00.000', 'block', NULL, 'eve@example.org', NULL, 'eve@example.org',
		'192.0.2.66', 'blocked by hand', 'pass'),
	(12, '2026-11-15 13:00:00.000', 'accept', NULL, NULL, NULL, 'x@example.net', '192.0.2.9', NULL,
		'pass'),
	(13, '2026-11-15 23:59:59.500', 'hold', 'gone', '@example.net', NULL, 'y@example.net', NULL,
		'a policy that was deleted', NULL),
	(14, '2026-11-16 00:00:00.000', 'accept', 'out', 'alice@example.org', 'alice@example.org',
		'alice@example.org', '192.0.2.1', NULL, NULL);

INSERT INTO decision (id, time, queue_id, verdict, policy, object, login, sender, client, mta,
	recipients, reason, spf)
SELECT id, CAST(round((julianday(at) - 2440587.5) * 86400000) AS INTEGER) * 1000, 'q' || id,
	verdict, policy, object, login, sender, client, 'mx.example.org', 1, reason, spf
FROM mail;

INSERT INTO recipient (decision_id, n, address, refused, policy) VALUES
	(1, 1, 'a@x.test', 0, NULL), (2, 1, 'a@x.test', 0, NULL), (2, 2, 'b@y.test', 0, NULL),
	(2, 3, 'c@y.test', 1, 'out'), (3, 1, 'a@x.test', 0, NULL), (4, 1, 'd@x.test', 0, NULL),
	(7, 1, 'a@x.test', 0, NULL), (8, 1, '"@"@y.test', 0, NULL), (9, 1, '<invalid>', 0, NULL),
	(10, 1, 'a@z.test', 0, NULL), (12, 1, 'a@x.test', 0, NULL), (14, 1, 'e@x.test', 0, NULL);

INSERT INTO traffic (step, start, policy_id, accept, bypass, monitor, defer, block, hold)
SELECT s.value, d.time / 1000000 / s.value * s.value, 0, SUM(verdict = 'accept'),
	SUM(verdict = 'bypass'), SUM(verdict = 'monitor'), SUM(verdict = 'defer'),
	SUM(verdict = 'block'), SUM(verdict = 'hold')
FROM decision d, json_each('[1, 60, 3600, 86400]') s
GROUP BY 1, 2;

-- Of a policy it is not what reports are made of.
INSERT INTO traffic (step, start, policy_id, accept)
SELECT s.value, 1794700800, p.id, 77 FROM policy p, json_each('[1, 60, 3600, 86400]') s;

-- Half of it was seen already.
INSERT INTO seen (kind, who, what, messages, refused, first, last)
SELECT kind, who, what, COUNT(*), SUM(refused), MIN(time), MAX(time)
FROM sight
WHERE id <= 7
GROUP BY kind, who, what;
UPDATE mark SET value = 7 WHERE name = 'seen';

INSERT INTO bucket (limit_id, object, first, last, count)
SELECT l.id, u.object, unixepoch('now') * 1000000, unixepoch('now') * 1000000, u.used
FROM (SELECT 'out' AS policy, 3600 AS period, 'alice@example.org' AS object, 9 AS used
	UNION ALL SELECT 'out', 3600, '"b,o""b"@example.org', 5
	UNION ALL SELECT 'out', 3600, 'carol@example.org', 4
	UNION ALL SELECT 'out', 86400, 'alice@example.org', 100
	UNION ALL SELECT 'mx:out', 86400, '198.51.100.9', 160) u
JOIN policy p ON p.name = u.policy
JOIN policy_limit l ON l.policy_id = p.id AND l.kind = 'limit' AND l.period = u.period;

INSERT INTO trouble (begun, state, said, ended) VALUES
	(unixepoch('2026-11-14 11:59:00') * 1000000, 'dns', 'no answer, at all',
		unixepoch('2026-11-14 12:00:30') * 1000000),
	(unixepoch('2026-11-15 10:00:00') * 1000000, 'store', 'disk full',
		unixepoch('2026-11-15 10:00:01') * 1000000 + 500000),
	(unixepoch('2026-11-13 10:00:00') * 1000000, 'dns', 'before', unixepoch('2026-11-13 11:00') * 1000000);

DELETE FROM audit;
INSERT INTO audit (id, time, uid, user, command, refusal, was, became) VALUES
	(101, unixepoch('2026-11-01 09:00') * 1000000, 0, 'root', 'policy add out', NULL, NULL, 'out'),
	(102, unixepoch('2026-11-14 23:30') * 1000000, 0, 'root', 'policy set out limit=10/hour', NULL,
		'limit=20/hour', 'limit=10/hour'),
	(103, unixepoch('2026-11-15 13:00') * 1000000, 1000, 'joe', 'policy delete out',
		'not allowed', NULL, NULL),
	(104, unixepoch('2026-11-16 00:00') * 1000000, 0, 'root', 'policy enable out', NULL, NULL, NULL);

INSERT INTO refusal (object, policy_id, refused, first, last)
SELECT 'alice@example.org', id, 1, unixepoch('2026-11-14 23:59:59') * 1000000 + 999000,
	unixepoch('2026-11-14 23:59:59') * 1000000 + 999000
FROM policy WHERE name = 'out'
UNION ALL
SELECT 'eve@example.org', 0, 3, unixepoch('2026-10-01') * 1000000, unixepoch('2026-11-15') * 1000000;
