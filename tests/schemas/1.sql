-- Schema 1, as themisd of e646e5d991c693a94c294b3849c695da1aa6ae67 left it.
-- made 1795414570
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE member_group (
id INTEGER PRIMARY KEY,
name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO member_group VALUES(1,'staff');
INSERT INTO member_group VALUES(2,'many');
INSERT INTO member_group VALUES(3,'trusted');
INSERT INTO member_group VALUES(4,'moving');
INSERT INTO member_group VALUES(5,'fixed');
INSERT INTO member_group VALUES(6,'act-monitor');
INSERT INTO member_group VALUES(7,'act-defer');
INSERT INTO member_group VALUES(8,'act-block');
INSERT INTO member_group VALUES(9,'act-hold');
INSERT INTO member_group VALUES(10,'worded');
CREATE TABLE member (
group_id INTEGER NOT NULL REFERENCES member_group (id) ON DELETE CASCADE,
name TEXT NOT NULL,
PRIMARY KEY (group_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO member VALUES(1,'192.0.2.0/24');
INSERT INTO member VALUES(1,'2001:db8:1::/48');
INSERT INTO member VALUES(1,'@example.org');
INSERT INTO member VALUES(1,'@müller.example');
INSERT INTO member VALUES(1,'user@other.example');
INSERT INTO member VALUES(2,'one@list.example');
INSERT INTO member VALUES(2,'three@list.example');
INSERT INTO member VALUES(2,'two@list.example');
INSERT INTO member VALUES(3,'203.0.113.0/28');
INSERT INTO member VALUES(4,'full-moving@example.org');
INSERT INTO member VALUES(4,'moving@example.org');
INSERT INTO member VALUES(5,'fixed@example.org');
INSERT INTO member VALUES(5,'full-fixed@example.org');
INSERT INTO member VALUES(6,'act-monitor@example.org');
INSERT INTO member VALUES(6,'full-act-monitor@example.org');
INSERT INTO member VALUES(7,'act-defer@example.org');
INSERT INTO member VALUES(7,'full-act-defer@example.org');
INSERT INTO member VALUES(8,'act-block@example.org');
INSERT INTO member VALUES(8,'full-act-block@example.org');
INSERT INTO member VALUES(9,'act-hold@example.org');
INSERT INTO member VALUES(9,'full-act-hold@example.org');
INSERT INTO member VALUES(10,'full-worded@example.org');
INSERT INTO member VALUES(10,'worded@example.org');
CREATE TABLE policy (
id INTEGER PRIMARY KEY AUTOINCREMENT,
name TEXT NOT NULL UNIQUE,
enabled TEXT NOT NULL,
type TEXT NOT NULL,
priority INTEGER NOT NULL,
source_group INTEGER REFERENCES member_group (id),
source_not INTEGER NOT NULL,
destination_group INTEGER REFERENCES member_group (id),
destination_not INTEGER NOT NULL,
key TEXT NOT NULL,
strategy TEXT NOT NULL,
count TEXT NOT NULL,
action TEXT NOT NULL,
reply TEXT
) STRICT;
INSERT INTO policy VALUES(1,'moving','yes','regular',5,4,0,NULL,0,'sender','moving','messages','defer',NULL);
INSERT INTO policy VALUES(2,'fixed','yes','regular',5,5,0,NULL,0,'sender','fixed','messages','defer',NULL);
INSERT INTO policy VALUES(3,'key-login','yes','regular',20,NULL,0,NULL,0,'login','moving','messages','defer',NULL);
INSERT INTO policy VALUES(4,'key-sender','yes','regular',20,NULL,0,NULL,0,'sender','moving','messages','defer',NULL);
INSERT INTO policy VALUES(5,'key-sender.','yes','regular',20,NULL,0,NULL,0,'sender+','moving','messages','defer',NULL);
INSERT INTO policy VALUES(6,'key-client','yes','regular',20,NULL,0,NULL,0,'client','moving','messages','defer',NULL);
INSERT INTO policy VALUES(7,'by-recipients','yes','regular',30,1,0,2,1,'sender+','moving','recipients','block',NULL);
INSERT INTO policy VALUES(8,'act-monitor','yes','regular',5,6,0,NULL,0,'sender','moving','messages','monitor',NULL);
INSERT INTO policy VALUES(9,'act-defer','yes','regular',5,7,0,NULL,0,'sender','moving','messages','defer',NULL);
INSERT INTO policy VALUES(10,'act-block','yes','regular',5,8,0,NULL,0,'sender','moving','messages','block',NULL);
INSERT INTO policy VALUES(11,'act-hold','yes','regular',5,9,0,NULL,0,'sender','moving','messages','hold',NULL);
INSERT INTO policy VALUES(12,'worded','yes','regular',1,10,0,NULL,0,'sender','moving','messages','block','über {limit} für {object}, 100% sicher');
INSERT INTO policy VALUES(13,'asleep','no','regular',5,1,1,2,0,'sender+','moving','messages','hold',NULL);
INSERT INTO policy VALUES(14,'unlimited','yes','regular',40,1,0,NULL,0,'sender+','moving','messages','monitor',NULL);
CREATE TABLE policy_limit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
period INTEGER NOT NULL,
amount INTEGER NOT NULL,
spelling TEXT NOT NULL,
UNIQUE (policy_id, period)
) STRICT;
INSERT INTO policy_limit VALUES(1,1,31536000,4,'4/year');
INSERT INTO policy_limit VALUES(2,2,31536000,4,'4/year');
INSERT INTO policy_limit VALUES(3,3,31536000,1000,'1000/year');
INSERT INTO policy_limit VALUES(4,4,31536000,1000,'1000/year');
INSERT INTO policy_limit VALUES(5,5,31536000,1000,'1000/year');
INSERT INTO policy_limit VALUES(6,6,31536000,1000,'1000/year');
INSERT INTO policy_limit VALUES(8,3,315360000,5000,'5000/10years');
INSERT INTO policy_limit VALUES(9,7,31536000,900000,'900000/year');
INSERT INTO policy_limit VALUES(10,8,31536000,1,'1/year');
INSERT INTO policy_limit VALUES(11,9,31536000,1,'1/year');
INSERT INTO policy_limit VALUES(12,10,31536000,1,'1/year');
INSERT INTO policy_limit VALUES(13,11,31536000,1,'1/year');
INSERT INTO policy_limit VALUES(14,12,25920000,1,'1/10months');
INSERT INTO policy_limit VALUES(15,13,86400,7,'7/day');
CREATE TABLE bucket (
limit_id INTEGER NOT NULL,
object TEXT NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
count INTEGER NOT NULL,
PRIMARY KEY (limit_id, object, first)
) STRICT, WITHOUT ROWID;
INSERT INTO bucket VALUES(1,'full-moving@example.org',1795414567179094,1795414567187605,4);
INSERT INTO bucket VALUES(1,'moving@example.org',1795414567103187,1795414567124649,3);
INSERT INTO bucket VALUES(2,'fixed@example.org',1766016000000000,1795414567286008,3);
INSERT INTO bucket VALUES(2,'full-fixed@example.org',1766016000000000,1795414567396581,4);
INSERT INTO bucket VALUES(3,'jürgen@example.org',1795414568135266,1795414568247092,2);
INSERT INTO bucket VALUES(3,'plain@example.org',1795414568283413,1795414568283413,1);
INSERT INTO bucket VALUES(4,'"quoted local"@example.org',1795414568438647,1795414568438647,1);
INSERT INTO bucket VALUES(4,'<>',1795414568493504,1795414568493504,1);
INSERT INTO bucket VALUES(4,'act-block@example.org',1795414567723029,1795414567723029,1);
INSERT INTO bucket VALUES(4,'act-defer@example.org',1795414567627825,1795414567627825,1);
INSERT INTO bucket VALUES(4,'act-hold@example.org',1795414567833519,1795414567833519,1);
INSERT INTO bucket VALUES(4,'act-monitor@example.org',1795414567504711,1795414567585522,2);
INSERT INTO bucket VALUES(4,'fixed@example.org',1795414567278136,1795414567286008,3);
INSERT INTO bucket VALUES(4,'full-fixed@example.org',1795414567344368,1795414567396581,4);
INSERT INTO bucket VALUES(4,'full-moving@example.org',1795414567179094,1795414567187605,4);
INSERT INTO bucket VALUES(4,'jürgen@müller.example',1795414568345174,1795414568345174,1);
INSERT INTO bucket VALUES(4,'mixed.case@example.org',1795414568283413,1795414568283413,1);
INSERT INTO bucket VALUES(4,'moving@example.org',1795414567103187,1795414567124649,3);
INSERT INTO bucket VALUES(4,'office@example.org',1795414568135266,1795414568247092,2);
INSERT INTO bucket VALUES(4,'probe@example.org',1795414568528387,1795414568528387,1);
INSERT INTO bucket VALUES(4,'worded@example.org',1795414568024714,1795414568024714,1);
INSERT INTO bucket VALUES(5,'"quoted local"@example.org',1795414568438647,1795414568438647,1);
INSERT INTO bucket VALUES(5,'<>',1795414568493504,1795414568493504,1);
INSERT INTO bucket VALUES(5,'act-block@example.org',1795414567723029,1795414567723029,1);
INSERT INTO bucket VALUES(5,'act-defer@example.org',1795414567627825,1795414567627825,1);
INSERT INTO bucket VALUES(5,'act-hold@example.org',1795414567833519,1795414567833519,1);
INSERT INTO bucket VALUES(5,'act-monitor@example.org',1795414567504711,1795414567585522,2);
INSERT INTO bucket VALUES(5,'fixed@example.org',1795414567278136,1795414567286008,3);
INSERT INTO bucket VALUES(5,'full-fixed@example.org',1795414567344368,1795414567396581,4);
INSERT INTO bucket VALUES(5,'full-moving@example.org',1795414567179094,1795414567187605,4);
INSERT INTO bucket VALUES(5,'jürgen@example.org',1795414568135266,1795414568247092,2);
INSERT INTO bucket VALUES(5,'jürgen@müller.example',1795414568345174,1795414568345174,1);
INSERT INTO bucket VALUES(5,'moving@example.org',1795414567103187,1795414567124649,3);
INSERT INTO bucket VALUES(5,'plain@example.org',1795414568283413,1795414568283413,1);
INSERT INTO bucket VALUES(5,'probe@example.org',1795414568528387,1795414568528387,1);
INSERT INTO bucket VALUES(5,'worded@example.org',1795414568024714,1795414568024714,1);
INSERT INTO bucket VALUES(6,'127.0.0.1',1795414567103187,1795414568493504,24);
INSERT INTO bucket VALUES(6,'192.0.2.7',1795414568135266,1795414568135266,1);
INSERT INTO bucket VALUES(6,'2001:db8:1::/56',1795414568247092,1795414568247092,1);
INSERT INTO bucket VALUES(6,'203.0.113.5',1795414568528387,1795414568528387,1);
INSERT INTO bucket VALUES(8,'jürgen@example.org',1795414568135266,1795414568247092,2);
INSERT INTO bucket VALUES(8,'plain@example.org',1795414568283413,1795414568283413,1);
INSERT INTO bucket VALUES(9,'"quoted local"@example.org',1795414568438647,1795414568438647,1);
INSERT INTO bucket VALUES(9,'act-block@example.org',1795414567723029,1795414567723029,1);
INSERT INTO bucket VALUES(9,'act-defer@example.org',1795414567627825,1795414567627825,1);
INSERT INTO bucket VALUES(9,'act-hold@example.org',1795414567833519,1795414567833519,1);
INSERT INTO bucket VALUES(9,'act-monitor@example.org',1795414567504711,1795414567585522,2);
INSERT INTO bucket VALUES(9,'fixed@example.org',1795414567278136,1795414567286008,3);
INSERT INTO bucket VALUES(9,'full-fixed@example.org',1795414567344368,1795414567396581,4);
INSERT INTO bucket VALUES(9,'full-moving@example.org',1795414567179094,1795414567187605,4);
INSERT INTO bucket VALUES(9,'jürgen@example.org',1795414568135266,1795414568247092,2);
INSERT INTO bucket VALUES(9,'jürgen@müller.example',1795414568345174,1795414568345174,1);
INSERT INTO bucket VALUES(9,'moving@example.org',1795414567103187,1795414567124649,3);
INSERT INTO bucket VALUES(9,'plain@example.org',1795414568283413,1795414568283413,1);
INSERT INTO bucket VALUES(9,'worded@example.org',1795414568024714,1795414568024714,1);
INSERT INTO bucket VALUES(10,'act-monitor@example.org',1795414567504711,1795414567504711,1);
INSERT INTO bucket VALUES(11,'act-defer@example.org',1795414567627825,1795414567627825,1);
INSERT INTO bucket VALUES(12,'act-block@example.org',1795414567723029,1795414567723029,1);
INSERT INTO bucket VALUES(13,'act-hold@example.org',1795414567833519,1795414567833519,1);
INSERT INTO bucket VALUES(14,'worded@example.org',1795414568024714,1795414568024714,1);
CREATE TABLE setting (
name TEXT PRIMARY KEY,
value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('history_days','90');
INSERT INTO setting VALUES('ipv6_prefix','56');
INSERT INTO setting VALUES('login_realm','example.org');
INSERT INTO setting VALUES('null_sender','count');
INSERT INTO setting VALUES('on_error','tempfail');
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
INSERT INTO decision VALUES(1,1795414567103187,'18D1EA8299E','accept','moving','moving@example.org',NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(2,1795414567109042,'1A25AA8299F','accept','moving','moving@example.org',NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(3,1795414567124649,'1E37DA829A1','accept','moving','moving@example.org',NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(4,1795414567179094,'2B86BA8299E','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(5,1795414567182168,'2C445A8299F','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(6,1795414567184659,'2CEC3A8299E','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(7,1795414567187605,'2D821A8299F','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(8,1795414567238939,'3932DA8299E','defer','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 4/year reached for full-moving@example.org, room again in 365 days',1826950567187605);
INSERT INTO decision VALUES(9,1795414567278136,'43B7DA8299E','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(10,1795414567282748,'44D30A8299F','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(11,1795414567286008,'45A5EA8299E','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(12,1795414567344368,'53D9EA8299E','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(13,1795414567357468,'57012A8299F','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(14,1795414567379098,'5BE16A8299E','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(15,1795414567396581,'60120A8299E','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(16,1795414567453706,'6E76EA8299E','defer','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 4/year reached for full-fixed@example.org, room again in 25 days',1797552000000000);
INSERT INTO decision VALUES(17,1795414567504711,'7AF4FA8299E','accept','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(18,1795414567585522,'8E53DA8299E','monitor','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-monitor@example.org, room again in 365 days',1826950567504711);
INSERT INTO decision VALUES(19,1795414567627825,'99115A8299E','accept','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(20,1795414567686022,'A740AA8299E','defer','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-defer@example.org, room again in 365 days',1826950567627825);
INSERT INTO decision VALUES(21,1795414567723029,'B054AA8299E','accept','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(22,1795414567763839,'BA46DA8299E','block','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-block@example.org, room again in 365 days',1826950567723029);
INSERT INTO decision VALUES(23,1795414567833519,'CB3FCA82409','accept','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(24,1795414567888514,'D8AFFA825C5','hold','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-hold@example.org, room again in 365 days',1826950567833519);
INSERT INTO decision VALUES(25,1795414568024714,'05D26A825C8','accept','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(26,1795414568095290,'17077A825C8','block','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/10months reached for worded@example.org, room again in 300 days',1821334568024714);
INSERT INTO decision VALUES(27,1795414568135266,'20D4FA82409','accept','key-client','192.0.2.7','jürgen@example.org','office@example.org','192.0.2.7','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(28,1795414568247092,'3BEBFA829A8','accept','key-client','2001:db8:1::/56','jürgen@example.org','office@example.org','2001:db8:1:2::7','mx.themis.test',3,NULL,NULL,NULL);
INSERT INTO decision VALUES(29,1795414568283413,'44E59A829A8','accept','key-client','127.0.0.1','plain@example.org','mixed.case@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(30,1795414568345174,'53747A829A8','accept','key-client','127.0.0.1',NULL,'jürgen@müller.example','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(31,1795414568438647,'6ADB4A829AA','accept','key-client','127.0.0.1',NULL,'"quoted local"@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(32,1795414568493504,'77BA7A829AB','accept','key-client','127.0.0.1',NULL,'<>','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(33,1795414568528387,'80C8BA829AB','accept','key-client','203.0.113.5',NULL,'probe@example.org','203.0.113.5','mx.themis.test',1,NULL,NULL,NULL);
CREATE TABLE audit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
time INTEGER NOT NULL,
uid INTEGER NOT NULL,
user TEXT NOT NULL,
command TEXT NOT NULL
) STRICT;
INSERT INTO audit VALUES(1,1795414566583656,0,'root','group add staff @example.org ''@müller.example'' user@other.example 192.0.2.0/24 2001:db8:1::/48');
INSERT INTO audit VALUES(2,1795414566597950,0,'root','group add many one@list.example two@list.example three@list.example');
INSERT INTO audit VALUES(3,1795414566603994,0,'root','group add trusted 203.0.113.0/28');
INSERT INTO audit VALUES(4,1795414566610288,0,'root','group add moving moving@example.org full-moving@example.org');
INSERT INTO audit VALUES(5,1795414566617085,0,'root','policy add moving source=moving destination=any key=sender limit=4/year strategy=moving action=defer');
INSERT INTO audit VALUES(6,1795414566631077,0,'root','group add fixed fixed@example.org full-fixed@example.org');
INSERT INTO audit VALUES(7,1795414566642345,0,'root','policy add fixed source=fixed destination=any key=sender limit=4/year strategy=fixed action=defer');
INSERT INTO audit VALUES(8,1795414566672129,0,'root','policy add key-login source=any destination=any key=login limit=1000/year action=defer priority=20');
INSERT INTO audit VALUES(9,1795414566683112,0,'root','policy add key-sender source=any destination=any key=sender limit=1000/year action=defer priority=20');
INSERT INTO audit VALUES(10,1795414566694965,0,'root','policy add key-sender. source=any destination=any key=sender+ limit=1000/year action=defer priority=20');
INSERT INTO audit VALUES(11,1795414566703014,0,'root','policy add key-client source=any destination=any key=client limit=1000/year action=defer priority=20');
INSERT INTO audit VALUES(12,1795414566712731,0,'root','policy set key-login limit=1000/year,5000/10years');
INSERT INTO audit VALUES(13,1795414566725969,0,'root','policy add by-recipients source=staff destination=!many key=sender+ limit=900000/year count=recipients action=block priority=30');
INSERT INTO audit VALUES(14,1795414566745382,0,'root','group add act-monitor act-monitor@example.org full-act-monitor@example.org');
INSERT INTO audit VALUES(15,1795414566757313,0,'root','policy add act-monitor source=act-monitor destination=any key=sender limit=1/year action=monitor');
INSERT INTO audit VALUES(16,1795414566764754,0,'root','group add act-defer act-defer@example.org full-act-defer@example.org');
INSERT INTO audit VALUES(17,1795414566772010,0,'root','policy add act-defer source=act-defer destination=any key=sender limit=1/year action=defer');
INSERT INTO audit VALUES(18,1795414566778660,0,'root','group add act-block act-block@example.org full-act-block@example.org');
INSERT INTO audit VALUES(19,1795414566798885,0,'root','policy add act-block source=act-block destination=any key=sender limit=1/year action=block');
INSERT INTO audit VALUES(20,1795414566810989,0,'root','group add act-hold act-hold@example.org full-act-hold@example.org');
INSERT INTO audit VALUES(21,1795414566836422,0,'root','policy add act-hold source=act-hold destination=any key=sender limit=1/year action=hold');
INSERT INTO audit VALUES(22,1795414566847350,0,'root','group add worded worded@example.org full-worded@example.org');
INSERT INTO audit VALUES(23,1795414566854075,0,'root','policy add worded source=worded destination=any key=sender limit=1/300days action=block priority=1 ''reply=über {limit} für {object}, 100% sicher''');
INSERT INTO audit VALUES(24,1795414566861480,0,'root','policy add asleep enabled=no source=!staff destination=many limit=7/day action=hold');
INSERT INTO audit VALUES(25,1795414566866877,0,'root','policy add unlimited source=staff destination=any priority=40');
INSERT INTO audit VALUES(26,1795414566883234,0,'root','setting set history_days 90');
INSERT INTO audit VALUES(27,1795414566901360,0,'root','setting set ipv6_prefix 56');
INSERT INTO audit VALUES(28,1795414566911299,0,'root','setting set login_realm example.org');
INSERT INTO audit VALUES(29,1795414566919879,0,'root','setting set null_sender count');
INSERT INTO audit VALUES(30,1795414566932372,0,'root','setting set on_error tempfail');
INSERT INTO audit VALUES(31,1795414566944106,0,'root','policy add short source=any destination=any limit=5/hour');
INSERT INTO audit VALUES(32,1795414566950496,0,'root','policy rename short shorter');
INSERT INTO audit VALUES(33,1795414566957363,0,'root','policy delete shorter');
INSERT INTO audit VALUES(34,1795414566963077,0,'root','policy disable key-client');
INSERT INTO audit VALUES(35,1795414566970593,0,'root','policy enable key-client');
INSERT INTO audit VALUES(36,1795414566981377,0,'root','group add brief a@brief.example b@brief.example');
INSERT INTO audit VALUES(37,1795414566997368,0,'root','group remove brief a@brief.example');
INSERT INTO audit VALUES(38,1795414567009571,0,'root','group delete brief');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('audit',38);
INSERT INTO sqlite_sequence VALUES('policy',15);
INSERT INTO sqlite_sequence VALUES('policy_limit',18);
CREATE INDEX policy_source ON policy (source_group);
CREATE INDEX policy_destination ON policy (destination_group);
CREATE INDEX decision_time ON decision (time);
CREATE INDEX decision_object ON decision (object, time) WHERE object IS NOT NULL;
CREATE VIEW v_decisions AS
SELECT
strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
|| printf('.%03dZ', time / 1000 % 1000) AS time,
queue_id, verdict, policy, object, login, sender, client, mta, recipients, size,
reason,
strftime('%Y-%m-%dT%H:%M:%S', (free_at + 999) / 1000000, 'unixepoch')
|| printf('.%03dZ', (free_at + 999) / 1000 % 1000) AS free_at
FROM decision;
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
strftime('%Y-%m-%dT%H:%M:%S', (free_at + 999) / 1000000, 'unixepoch')
|| printf('.%03dZ', (free_at + 999) / 1000 % 1000) AS free_at,
amount, period
FROM counter;
COMMIT;
PRAGMA application_id = 1416129907;
PRAGMA user_version = 1;
