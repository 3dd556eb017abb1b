-- Schema 2, as themisd of cfdde91479fafe439c63339543486914b9147229 left it.
-- made 1795414574
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
INSERT INTO member_group VALUES(10,'act-discard');
INSERT INTO member_group VALUES(11,'worded');
CREATE TABLE member (
group_id INTEGER NOT NULL REFERENCES member_group (id) ON DELETE CASCADE,
name TEXT NOT NULL,
PRIMARY KEY (group_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO member VALUES(1,'192.0.2.0/24');
INSERT INTO member VALUES(1,'2001:db8:1::/48');
INSERT INTO member VALUES(1,'@example.org');
INSERT INTO member VALUES(1,'@xn--mller-kva.example');
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
INSERT INTO member VALUES(10,'act-discard@example.org');
INSERT INTO member VALUES(10,'full-act-discard@example.org');
INSERT INTO member VALUES(11,'full-worded@example.org');
INSERT INTO member VALUES(11,'worded@example.org');
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
, stop TEXT NOT NULL DEFAULT 'no') STRICT;
INSERT INTO policy VALUES(1,'moving','yes','regular',5,4,0,NULL,0,'sender','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(2,'fixed','yes','regular',5,5,0,NULL,0,'sender','fixed','messages','defer',NULL,'no');
INSERT INTO policy VALUES(3,'key-login','yes','regular',20,NULL,0,NULL,0,'login','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(4,'key-sender','yes','regular',20,NULL,0,NULL,0,'sender','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(5,'key-sender.','yes','regular',20,NULL,0,NULL,0,'sender+','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(6,'key-client','yes','regular',20,NULL,0,NULL,0,'client','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(7,'key-domain','yes','regular',20,NULL,0,NULL,0,'domain','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(8,'key-domain.','yes','regular',20,NULL,0,NULL,0,'domain+','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(9,'key-recipient','yes','regular',20,NULL,0,NULL,0,'recipient','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(10,'key-recipient-domain','yes','regular',20,NULL,0,NULL,0,'recipient-domain','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(11,'key-policy','yes','regular',20,NULL,0,NULL,0,'policy','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(12,'by-recipients','yes','regular',30,1,0,2,1,'sender+','moving','recipients','block',NULL,'no');
INSERT INTO policy VALUES(13,'act-monitor','yes','regular',5,6,0,NULL,0,'sender','moving','messages','monitor',NULL,'no');
INSERT INTO policy VALUES(14,'act-defer','yes','regular',5,7,0,NULL,0,'sender','moving','messages','defer',NULL,'no');
INSERT INTO policy VALUES(15,'act-block','yes','regular',5,8,0,NULL,0,'sender','moving','messages','block',NULL,'no');
INSERT INTO policy VALUES(16,'act-hold','yes','regular',5,9,0,NULL,0,'sender','moving','messages','hold',NULL,'no');
INSERT INTO policy VALUES(17,'act-discard','yes','regular',5,10,0,NULL,0,'sender','moving','messages','discard',NULL,'no');
INSERT INTO policy VALUES(18,'worded','yes','regular',1,11,0,NULL,0,'sender','moving','messages','block','über {limit} für {object}, 100% sicher','no');
INSERT INTO policy VALUES(19,'asleep','no','regular',5,1,1,2,0,'sender+','moving','messages','hold',NULL,'no');
INSERT INTO policy VALUES(20,'unlimited','yes','regular',40,1,0,NULL,0,'sender+','moving','messages','monitor',NULL,'yes');
CREATE TABLE policy_limit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
period INTEGER NOT NULL,
amount INTEGER NOT NULL,
spelling TEXT NOT NULL, inherited INTEGER NOT NULL DEFAULT 0,
UNIQUE (policy_id, period)
) STRICT;
INSERT INTO policy_limit VALUES(1,1,31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(2,2,31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(3,3,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(4,4,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(5,5,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(6,6,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(7,7,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(8,8,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(9,9,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(10,10,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(11,11,31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(13,3,315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(14,12,31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(15,13,31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(16,14,31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(17,15,31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(18,16,31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(19,17,31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(20,18,25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(21,19,86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(22,20,31536000,800,'800/year',1);
CREATE TABLE bucket (
limit_id INTEGER NOT NULL,
object TEXT NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
count INTEGER NOT NULL,
PRIMARY KEY (limit_id, object, first)
) STRICT, WITHOUT ROWID;
INSERT INTO bucket VALUES(1,'full-moving@example.org',1795414571700746,1795414571707732,4);
INSERT INTO bucket VALUES(1,'moving@example.org',1795414571659400,1795414571664855,3);
INSERT INTO bucket VALUES(2,'fixed@example.org',1766016000000000,1795414571786136,3);
INSERT INTO bucket VALUES(2,'full-fixed@example.org',1766016000000000,1795414571826743,4);
INSERT INTO bucket VALUES(3,'jürgen@example.org',1795414572332732,1795414572370536,2);
INSERT INTO bucket VALUES(3,'plain@example.org',1795414572405352,1795414572405352,1);
INSERT INTO bucket VALUES(4,'"quoted local"@example.org',1795414572473520,1795414572473520,1);
INSERT INTO bucket VALUES(4,'<>',1795414572507610,1795414572507610,1);
INSERT INTO bucket VALUES(4,'act-block@example.org',1795414572055562,1795414572055562,1);
INSERT INTO bucket VALUES(4,'act-defer@example.org',1795414571980580,1795414571980580,1);
INSERT INTO bucket VALUES(4,'act-discard@example.org',1795414572197601,1795414572197601,1);
INSERT INTO bucket VALUES(4,'act-hold@example.org',1795414572128933,1795414572128933,1);
INSERT INTO bucket VALUES(4,'act-monitor@example.org',1795414571903014,1795414571939188,2);
INSERT INTO bucket VALUES(4,'fixed@example.org',1795414571770448,1795414571786136,3);
INSERT INTO bucket VALUES(4,'full-fixed@example.org',1795414571818681,1795414571826743,4);
INSERT INTO bucket VALUES(4,'full-moving@example.org',1795414571700746,1795414571707732,4);
INSERT INTO bucket VALUES(4,'jürgen@xn--mller-kva.example',1795414572439904,1795414572439904,1);
INSERT INTO bucket VALUES(4,'mixed.case@example.org',1795414572405352,1795414572405352,1);
INSERT INTO bucket VALUES(4,'moving@example.org',1795414571659400,1795414571664855,3);
INSERT INTO bucket VALUES(4,'office@example.org',1795414572332732,1795414572370536,2);
INSERT INTO bucket VALUES(4,'probe@example.org',1795414572542061,1795414572542061,1);
INSERT INTO bucket VALUES(4,'worded@example.org',1795414572265616,1795414572265616,1);
INSERT INTO bucket VALUES(5,'"quoted local"@example.org',1795414572473520,1795414572473520,1);
INSERT INTO bucket VALUES(5,'<>',1795414572507610,1795414572507610,1);
INSERT INTO bucket VALUES(5,'act-block@example.org',1795414572055562,1795414572055562,1);
INSERT INTO bucket VALUES(5,'act-defer@example.org',1795414571980580,1795414571980580,1);
INSERT INTO bucket VALUES(5,'act-discard@example.org',1795414572197601,1795414572197601,1);
INSERT INTO bucket VALUES(5,'act-hold@example.org',1795414572128933,1795414572128933,1);
INSERT INTO bucket VALUES(5,'act-monitor@example.org',1795414571903014,1795414571939188,2);
INSERT INTO bucket VALUES(5,'fixed@example.org',1795414571770448,1795414571786136,3);
INSERT INTO bucket VALUES(5,'full-fixed@example.org',1795414571818681,1795414571826743,4);
INSERT INTO bucket VALUES(5,'full-moving@example.org',1795414571700746,1795414571707732,4);
INSERT INTO bucket VALUES(5,'jürgen@example.org',1795414572332732,1795414572370536,2);
INSERT INTO bucket VALUES(5,'jürgen@xn--mller-kva.example',1795414572439904,1795414572439904,1);
INSERT INTO bucket VALUES(5,'moving@example.org',1795414571659400,1795414571664855,3);
INSERT INTO bucket VALUES(5,'plain@example.org',1795414572405352,1795414572405352,1);
INSERT INTO bucket VALUES(5,'probe@example.org',1795414572542061,1795414572542061,1);
INSERT INTO bucket VALUES(5,'worded@example.org',1795414572265616,1795414572265616,1);
INSERT INTO bucket VALUES(6,'127.0.0.1',1795414571659400,1795414572507610,25);
INSERT INTO bucket VALUES(6,'192.0.2.7',1795414572332732,1795414572332732,1);
INSERT INTO bucket VALUES(6,'2001:db8:1::/56',1795414572370536,1795414572370536,1);
INSERT INTO bucket VALUES(6,'203.0.113.5',1795414572542061,1795414572542061,1);
INSERT INTO bucket VALUES(7,'<>',1795414572507610,1795414572507610,1);
INSERT INTO bucket VALUES(7,'@example.org',1795414571659400,1795414572542061,26);
INSERT INTO bucket VALUES(7,'@xn--mller-kva.example',1795414572439904,1795414572439904,1);
INSERT INTO bucket VALUES(8,'<>',1795414572507610,1795414572507610,1);
INSERT INTO bucket VALUES(8,'@example.org',1795414571659400,1795414572542061,26);
INSERT INTO bucket VALUES(8,'@xn--mller-kva.example',1795414572439904,1795414572439904,1);
INSERT INTO bucket VALUES(9,'one@list.example',1795414572370536,1795414572370536,1);
INSERT INTO bucket VALUES(9,'recipient@example.net',1795414571659400,1795414572507610,26);
INSERT INTO bucket VALUES(9,'two@list.example',1795414572370536,1795414572542061,2);
INSERT INTO bucket VALUES(9,'user@other.example',1795414572370536,1795414572370536,1);
INSERT INTO bucket VALUES(10,'@example.net',1795414571659400,1795414572507610,26);
INSERT INTO bucket VALUES(10,'@list.example',1795414572370536,1795414572542061,2);
INSERT INTO bucket VALUES(10,'@other.example',1795414572370536,1795414572370536,1);
INSERT INTO bucket VALUES(11,'*',1795414571659400,1795414572542061,28);
INSERT INTO bucket VALUES(13,'jürgen@example.org',1795414572332732,1795414572370536,2);
INSERT INTO bucket VALUES(13,'plain@example.org',1795414572405352,1795414572405352,1);
INSERT INTO bucket VALUES(14,'"quoted local"@example.org',1795414572473520,1795414572473520,1);
INSERT INTO bucket VALUES(14,'act-block@example.org',1795414572055562,1795414572055562,1);
INSERT INTO bucket VALUES(14,'act-defer@example.org',1795414571980580,1795414571980580,1);
INSERT INTO bucket VALUES(14,'act-discard@example.org',1795414572197601,1795414572197601,1);
INSERT INTO bucket VALUES(14,'act-hold@example.org',1795414572128933,1795414572128933,1);
INSERT INTO bucket VALUES(14,'act-monitor@example.org',1795414571903014,1795414571939188,2);
INSERT INTO bucket VALUES(14,'fixed@example.org',1795414571770448,1795414571786136,3);
INSERT INTO bucket VALUES(14,'full-fixed@example.org',1795414571818681,1795414571826743,4);
INSERT INTO bucket VALUES(14,'full-moving@example.org',1795414571700746,1795414571707732,4);
INSERT INTO bucket VALUES(14,'jürgen@example.org',1795414572332732,1795414572370536,2);
INSERT INTO bucket VALUES(14,'jürgen@xn--mller-kva.example',1795414572439904,1795414572439904,1);
INSERT INTO bucket VALUES(14,'moving@example.org',1795414571659400,1795414571664855,3);
INSERT INTO bucket VALUES(14,'plain@example.org',1795414572405352,1795414572405352,1);
INSERT INTO bucket VALUES(14,'worded@example.org',1795414572265616,1795414572265616,1);
INSERT INTO bucket VALUES(15,'act-monitor@example.org',1795414571903014,1795414571903014,1);
INSERT INTO bucket VALUES(16,'act-defer@example.org',1795414571980580,1795414571980580,1);
INSERT INTO bucket VALUES(17,'act-block@example.org',1795414572055562,1795414572055562,1);
INSERT INTO bucket VALUES(18,'act-hold@example.org',1795414572128933,1795414572128933,1);
INSERT INTO bucket VALUES(19,'act-discard@example.org',1795414572197601,1795414572197601,1);
INSERT INTO bucket VALUES(20,'worded@example.org',1795414572265616,1795414572265616,1);
INSERT INTO bucket VALUES(22,'"quoted local"@example.org',1795414572473520,1795414572473520,1);
INSERT INTO bucket VALUES(22,'act-block@example.org',1795414572055562,1795414572055562,1);
INSERT INTO bucket VALUES(22,'act-defer@example.org',1795414571980580,1795414571980580,1);
INSERT INTO bucket VALUES(22,'act-discard@example.org',1795414572197601,1795414572197601,1);
INSERT INTO bucket VALUES(22,'act-hold@example.org',1795414572128933,1795414572128933,1);
INSERT INTO bucket VALUES(22,'act-monitor@example.org',1795414571903014,1795414571939188,2);
INSERT INTO bucket VALUES(22,'fixed@example.org',1795414571770448,1795414571786136,3);
INSERT INTO bucket VALUES(22,'full-fixed@example.org',1795414571818681,1795414571826743,4);
INSERT INTO bucket VALUES(22,'full-moving@example.org',1795414571700746,1795414571707732,4);
INSERT INTO bucket VALUES(22,'jürgen@example.org',1795414572332732,1795414572370536,2);
INSERT INTO bucket VALUES(22,'jürgen@xn--mller-kva.example',1795414572439904,1795414572439904,1);
INSERT INTO bucket VALUES(22,'moving@example.org',1795414571659400,1795414571664855,3);
INSERT INTO bucket VALUES(22,'plain@example.org',1795414572405352,1795414572405352,1);
INSERT INTO bucket VALUES(22,'probe@example.org',1795414572542061,1795414572542061,1);
INSERT INTO bucket VALUES(22,'worded@example.org',1795414572265616,1795414572265616,1);
CREATE TABLE setting (
name TEXT PRIMARY KEY,
value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('default_limit','800/year');
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
INSERT INTO decision VALUES(1,1795414571659400,'A0B07A829DD','accept','moving','moving@example.org',NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(2,1795414571662403,'A18E3A82099','accept','moving','moving@example.org',NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(3,1795414571664855,'A228DA829DE','accept','moving','moving@example.org',NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(4,1795414571700746,'AAEBDA82099','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(5,1795414571703412,'AB8BDA829DD','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(6,1795414571705384,'AC0E6A82099','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(7,1795414571707732,'ACA13A829DD','accept','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(8,1795414571739896,'B4718A82099','defer','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 4/year reached for full-moving@example.org, room again in 365 days',1826950571707732);
INSERT INTO decision VALUES(9,1795414571770448,'BBEAEA82099','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(10,1795414571783249,'BCA2EA829DD','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(11,1795414571786136,'BFB5DA82099','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(12,1795414571818681,'C7AE4A82099','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(13,1795414571822035,'C8671A829DD','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(14,1795414571824263,'C91B3A82086','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(15,1795414571826743,'C99B3A82099','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(16,1795414571870112,'D4192A829DD','defer','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 4/year reached for full-fixed@example.org, room again in 25 days',1797552000000000);
INSERT INTO decision VALUES(17,1795414571903014,'DC462A829DD','accept','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(18,1795414571939188,'E50D5A829E8','monitor','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-monitor@example.org, room again in 365 days',1826950571903014);
INSERT INTO decision VALUES(19,1795414571980580,'EF0FBA829E8','accept','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(20,1795414572020155,'04A9BA829EF','defer','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-defer@example.org, room again in 365 days',1826950571980580);
INSERT INTO decision VALUES(21,1795414572055562,'0D59AA829EF','accept','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(22,1795414572092405,'1646DA829EF','block','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-block@example.org, room again in 365 days',1826950572055562);
INSERT INTO decision VALUES(23,1795414572128933,'1F485A829F0','accept','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(24,1795414572162619,'277A2A829F1','hold','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-hold@example.org, room again in 365 days',1826950572128933);
INSERT INTO decision VALUES(25,1795414572197601,'2FFB3A829F3','accept','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(26,1795414572231703,'38481A829F3','discard','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-discard@example.org, room again in 365 days',1826950572197601);
INSERT INTO decision VALUES(27,1795414572265616,'40A0BA829F8','accept','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(28,1795414572299559,'48F1EA829F8','block','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/10months reached for worded@example.org, room again in 300 days',1821334572265616);
INSERT INTO decision VALUES(29,1795414572332732,'51013A829F8','accept','key-client','192.0.2.7','jürgen@example.org','office@example.org','192.0.2.7','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(30,1795414572370536,'597A8A829F8','accept','key-client','2001:db8:1::/56','jürgen@example.org','office@example.org','2001:db8:1:2::7','mx.themis.test',3,NULL,NULL,NULL);
INSERT INTO decision VALUES(31,1795414572405352,'62ADFA829F8','accept','key-client','127.0.0.1','plain@example.org','mixed.case@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(32,1795414572439904,'6B283A829F8','accept','key-client','127.0.0.1',NULL,'jürgen@xn--mller-kva.example','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(33,1795414572473520,'73579A829F8','accept','key-client','127.0.0.1',NULL,'"quoted local"@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(34,1795414572507610,'7BA2EA829FE','accept','key-client','127.0.0.1',NULL,'<>','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(35,1795414572542061,'840C3A82A04','accept','key-client','203.0.113.5',NULL,'probe@example.org','203.0.113.5','mx.themis.test',1,NULL,NULL,NULL);
CREATE TABLE audit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
time INTEGER NOT NULL,
uid INTEGER NOT NULL,
user TEXT NOT NULL,
command TEXT NOT NULL
, refusal TEXT) STRICT;
INSERT INTO audit VALUES(1,1795414571357333,0,'root','group add staff @example.org ''@müller.example'' user@other.example 192.0.2.0/24 2001:db8:1::/48',NULL);
INSERT INTO audit VALUES(2,1795414571363345,0,'root','group add many one@list.example two@list.example three@list.example',NULL);
INSERT INTO audit VALUES(3,1795414571369123,0,'root','group add trusted 203.0.113.0/28',NULL);
INSERT INTO audit VALUES(4,1795414571373836,0,'root','group add moving moving@example.org full-moving@example.org',NULL);
INSERT INTO audit VALUES(5,1795414571378372,0,'root','policy add moving source=moving destination=any key=sender limit=4/year strategy=moving action=defer',NULL);
INSERT INTO audit VALUES(6,1795414571382872,0,'root','group add fixed fixed@example.org full-fixed@example.org',NULL);
INSERT INTO audit VALUES(7,1795414571388255,0,'root','policy add fixed source=fixed destination=any key=sender limit=4/year strategy=fixed action=defer',NULL);
INSERT INTO audit VALUES(8,1795414571395214,0,'root','policy add key-login source=any destination=any key=login limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(9,1795414571401862,0,'root','policy add key-sender source=any destination=any key=sender limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(10,1795414571408688,0,'root','policy add key-sender. source=any destination=any key=sender+ limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(11,1795414571414897,0,'root','policy add key-client source=any destination=any key=client limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(12,1795414571421157,0,'root','policy add key-domain source=any destination=any key=domain limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(13,1795414571427983,0,'root','policy add key-domain. source=any destination=any key=domain+ limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(14,1795414571435187,0,'root','policy add key-recipient source=any destination=any key=recipient limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(15,1795414571442365,0,'root','policy add key-recipient-domain source=any destination=any key=recipient-domain limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(16,1795414571449335,0,'root','policy add key-policy source=any destination=any key=policy limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(17,1795414571454829,0,'root','policy set key-login limit=1000/year,5000/10years',NULL);
INSERT INTO audit VALUES(18,1795414571459722,0,'root','policy add by-recipients source=staff destination=!many key=sender+ limit=900000/year count=recipients action=block priority=30',NULL);
INSERT INTO audit VALUES(19,1795414571464733,0,'root','group add act-monitor act-monitor@example.org full-act-monitor@example.org',NULL);
INSERT INTO audit VALUES(20,1795414571471192,0,'root','policy add act-monitor source=act-monitor destination=any key=sender limit=1/year action=monitor',NULL);
INSERT INTO audit VALUES(21,1795414571475458,0,'root','group add act-defer act-defer@example.org full-act-defer@example.org',NULL);
INSERT INTO audit VALUES(22,1795414571479604,0,'root','policy add act-defer source=act-defer destination=any key=sender limit=1/year action=defer',NULL);
INSERT INTO audit VALUES(23,1795414571484226,0,'root','group add act-block act-block@example.org full-act-block@example.org',NULL);
INSERT INTO audit VALUES(24,1795414571488964,0,'root','policy add act-block source=act-block destination=any key=sender limit=1/year action=block',NULL);
INSERT INTO audit VALUES(25,1795414571493667,0,'root','group add act-hold act-hold@example.org full-act-hold@example.org',NULL);
INSERT INTO audit VALUES(26,1795414571498599,0,'root','policy add act-hold source=act-hold destination=any key=sender limit=1/year action=hold',NULL);
INSERT INTO audit VALUES(27,1795414571503031,0,'root','group add act-discard act-discard@example.org full-act-discard@example.org',NULL);
INSERT INTO audit VALUES(28,1795414571507874,0,'root','policy add act-discard source=act-discard destination=any key=sender limit=1/year action=discard',NULL);
INSERT INTO audit VALUES(29,1795414571513155,0,'root','group add worded worded@example.org full-worded@example.org',NULL);
INSERT INTO audit VALUES(30,1795414571518195,0,'root','policy add worded source=worded destination=any key=sender limit=1/300days action=block priority=1 ''reply=über {limit} für {object}, 100% sicher''',NULL);
INSERT INTO audit VALUES(31,1795414571523085,0,'root','policy add asleep enabled=no source=!staff destination=many limit=7/day action=hold',NULL);
INSERT INTO audit VALUES(32,1795414571527908,0,'root','policy add unlimited source=staff destination=any priority=40',NULL);
INSERT INTO audit VALUES(33,1795414571532662,0,'root','setting set history_days 90',NULL);
INSERT INTO audit VALUES(34,1795414571537454,0,'root','setting set ipv6_prefix 56',NULL);
INSERT INTO audit VALUES(35,1795414571542271,0,'root','setting set login_realm example.org',NULL);
INSERT INTO audit VALUES(36,1795414571547670,0,'root','setting set null_sender count',NULL);
INSERT INTO audit VALUES(37,1795414571552681,0,'root','setting set on_error tempfail',NULL);
INSERT INTO audit VALUES(38,1795414571557616,0,'root','setting set default_limit 800/year',NULL);
INSERT INTO audit VALUES(39,1795414571564143,0,'root','policy set unlimited stop=yes',NULL);
INSERT INTO audit VALUES(40,1795414571569075,0,'root','policy add short source=any destination=any limit=5/hour',NULL);
INSERT INTO audit VALUES(41,1795414571573795,0,'root','policy rename short shorter',NULL);
INSERT INTO audit VALUES(42,1795414571578388,0,'root','policy delete shorter',NULL);
INSERT INTO audit VALUES(43,1795414571583518,0,'root','policy disable key-client',NULL);
INSERT INTO audit VALUES(44,1795414571588273,0,'root','policy enable key-client',NULL);
INSERT INTO audit VALUES(45,1795414571592830,0,'root','group add brief a@brief.example b@brief.example',NULL);
INSERT INTO audit VALUES(46,1795414571597653,0,'root','group remove brief a@brief.example',NULL);
INSERT INTO audit VALUES(47,1795414571602391,0,'root','group delete brief',NULL);
INSERT INTO audit VALUES(48,1795414572551120,65534,'nobody','policy delete key-client','user nobody may look, but not change anything');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('audit',48);
INSERT INTO sqlite_sequence VALUES('policy',21);
INSERT INTO sqlite_sequence VALUES('policy_limit',26);
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
CREATE VIEW v_audit AS
SELECT
strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
|| printf('.%03dZ', time / 1000 % 1000) AS time,
uid, user, command, refusal
FROM audit;
COMMIT;
PRAGMA application_id = 1416129907;
PRAGMA user_version = 2;
