-- Schema 6, as themisd of 3f7ee4137cbd3e1e173f50b10a669ba8e3e74efa left it.
-- made 1795414599
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
INSERT INTO member_group VALUES(6,'sliding');
INSERT INTO member_group VALUES(7,'bucket');
INSERT INTO member_group VALUES(8,'act-monitor');
INSERT INTO member_group VALUES(9,'act-defer');
INSERT INTO member_group VALUES(10,'act-block');
INSERT INTO member_group VALUES(11,'act-hold');
INSERT INTO member_group VALUES(12,'act-discard');
INSERT INTO member_group VALUES(13,'worded');
INSERT INTO member_group VALUES(14,'penal');
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
INSERT INTO member VALUES(4,'granted@example.org');
INSERT INTO member VALUES(4,'moving@example.org');
INSERT INTO member VALUES(5,'fixed@example.org');
INSERT INTO member VALUES(5,'full-fixed@example.org');
INSERT INTO member VALUES(6,'full-sliding@example.org');
INSERT INTO member VALUES(6,'sliding@example.org');
INSERT INTO member VALUES(7,'bucket@example.org');
INSERT INTO member VALUES(7,'full-bucket@example.org');
INSERT INTO member VALUES(8,'act-monitor@example.org');
INSERT INTO member VALUES(8,'full-act-monitor@example.org');
INSERT INTO member VALUES(9,'act-defer@example.org');
INSERT INTO member VALUES(9,'full-act-defer@example.org');
INSERT INTO member VALUES(10,'act-block@example.org');
INSERT INTO member VALUES(10,'full-act-block@example.org');
INSERT INTO member VALUES(11,'act-hold@example.org');
INSERT INTO member VALUES(11,'full-act-hold@example.org');
INSERT INTO member VALUES(12,'act-discard@example.org');
INSERT INTO member VALUES(12,'full-act-discard@example.org');
INSERT INTO member VALUES(13,'full-worded@example.org');
INSERT INTO member VALUES(13,'worded@example.org');
INSERT INTO member VALUES(14,'full-penal@example.org');
INSERT INTO member VALUES(14,'penal@example.org');
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
, stop TEXT NOT NULL DEFAULT 'no', pool_id INTEGER REFERENCES pool (id), penalty TEXT NOT NULL DEFAULT 'default', only_headers TEXT NOT NULL DEFAULT 'no', rate_stats TEXT NOT NULL DEFAULT 'no') STRICT;
INSERT INTO policy VALUES(1,'moving','yes','regular',5,4,0,NULL,0,'sender','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(2,'fixed','yes','regular',5,5,0,NULL,0,'sender','fixed','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(3,'sliding','yes','regular',5,6,0,NULL,0,'sender','sliding','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(4,'bucket','yes','regular',5,7,0,NULL,0,'sender','bucket','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(5,'key-login','yes','regular',20,NULL,0,NULL,0,'login','moving','messages','defer',NULL,'no',NULL,'default','no','yes');
INSERT INTO policy VALUES(6,'key-sender','yes','regular',20,NULL,0,NULL,0,'sender','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(7,'key-sender.','yes','regular',20,NULL,0,NULL,0,'sender+','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(8,'key-client','yes','regular',20,NULL,0,NULL,0,'client','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(9,'key-domain','yes','regular',20,NULL,0,NULL,0,'domain','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(10,'key-domain.','yes','regular',20,NULL,0,NULL,0,'domain+','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(11,'key-recipient','yes','regular',20,NULL,0,NULL,0,'recipient','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(12,'key-recipient-domain','yes','regular',20,NULL,0,NULL,0,'recipient-domain','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(13,'key-policy','yes','regular',20,NULL,0,NULL,0,'policy','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(14,'by-recipients','yes','regular',30,1,0,2,1,'sender+','moving','recipients','block',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(15,'by-bytes','yes','regular',30,1,0,2,1,'sender+','moving','bytes','block',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(16,'act-monitor','yes','regular',5,8,0,NULL,0,'sender','moving','messages','monitor',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(17,'act-defer','yes','regular',5,9,0,NULL,0,'sender','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(18,'act-block','yes','regular',5,10,0,NULL,0,'sender','moving','messages','block',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(19,'act-hold','yes','regular',5,11,0,NULL,0,'sender','moving','messages','hold',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(20,'act-discard','yes','regular',5,12,0,NULL,0,'sender','moving','messages','discard',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(21,'worded','yes','regular',1,13,0,NULL,0,'sender','moving','messages','block','über {limit} für {object}, 100% sicher','no',NULL,'default','no','no');
INSERT INTO policy VALUES(22,'asleep','no','regular',5,1,1,2,0,'sender+','moving','messages','hold',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(23,'unlimited','yes','regular',40,1,0,NULL,0,'sender+','moving','messages','monitor',NULL,'yes',NULL,'default','no','no');
INSERT INTO policy VALUES(24,'free','yes','bypass',0,3,0,NULL,0,'sender+','moving','messages','monitor',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(25,'free-to','yes','bypass+',0,3,0,2,0,'sender+','moving','messages','monitor',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(26,'penal','yes','regular',5,14,0,NULL,0,'sender','moving','messages','block',NULL,'no',NULL,'20days','no','no');
INSERT INTO policy VALUES(27,'marks','yes','regular',5,NULL,0,NULL,0,'sender+','moving','messages','monitor',NULL,'no',NULL,'default','yes','no');
INSERT INTO policy VALUES(28,'edge:own','yes','regular',5,NULL,0,NULL,0,'sender','moving','messages','defer',NULL,'no',1,'default','no','no');
CREATE TABLE bucket (
limit_id INTEGER NOT NULL,
object TEXT NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
count INTEGER NOT NULL, rest INTEGER NOT NULL DEFAULT 0,
PRIMARY KEY (limit_id, object, first)
) STRICT, WITHOUT ROWID;
INSERT INTO bucket VALUES(1,'full-moving@example.org',1795414595317098,1795414595331205,4,0);
INSERT INTO bucket VALUES(1,'granted@example.org',1795414597281774,1795414597298772,6,0);
INSERT INTO bucket VALUES(1,'moving@example.org',1795414595238067,1795414595264702,3,0);
INSERT INTO bucket VALUES(2,'fixed@example.org',1766016000000000,1795414595401293,3,0);
INSERT INTO bucket VALUES(2,'full-fixed@example.org',1766016000000000,1795414595437547,4,0);
INSERT INTO bucket VALUES(3,'full-sliding@example.org',1766016000000000,1795414595611698,4,0);
INSERT INTO bucket VALUES(3,'sliding@example.org',1766016000000000,1795414595557844,3,0);
INSERT INTO bucket VALUES(4,'bucket@example.org',0,1795414595750727,2,31535999977372);
INSERT INTO bucket VALUES(4,'full-bucket@example.org',0,1795414595854349,3,31535999894196);
INSERT INTO bucket VALUES(5,'jürgen@example.org',1795414596440744,1795414596485471,2,0);
INSERT INTO bucket VALUES(5,'plain@example.org',1795414596515854,1795414596515854,1,0);
INSERT INTO bucket VALUES(6,'"quoted local"@example.org',1795414596593401,1795414596593401,1,0);
INSERT INTO bucket VALUES(6,'<>',1795414596667318,1795414596667318,1,0);
INSERT INTO bucket VALUES(6,'act-block@example.org',1795414596110624,1795414596110624,1,0);
INSERT INTO bucket VALUES(6,'act-defer@example.org',1795414596018335,1795414596018335,1,0);
INSERT INTO bucket VALUES(6,'act-discard@example.org',1795414596283232,1795414596283232,1,0);
INSERT INTO bucket VALUES(6,'act-hold@example.org',1795414596169126,1795414596169126,1,0);
INSERT INTO bucket VALUES(6,'act-monitor@example.org',1795414595942605,1795414595982154,2,0);
INSERT INTO bucket VALUES(6,'bucket@example.org',1795414595745070,1795414595750727,3,0);
INSERT INTO bucket VALUES(6,'fixed@example.org',1795414595395878,1795414595401293,3,0);
INSERT INTO bucket VALUES(6,'full-bucket@example.org',1795414595827898,1795414595854349,4,0);
INSERT INTO bucket VALUES(6,'full-fixed@example.org',1795414595431263,1795414595437547,4,0);
INSERT INTO bucket VALUES(6,'full-moving@example.org',1795414595317098,1795414595331205,4,0);
INSERT INTO bucket VALUES(6,'full-sliding@example.org',1795414595605343,1795414595611698,4,0);
INSERT INTO bucket VALUES(6,'granted@example.org',1795414597281774,1795414597298772,6,0);
INSERT INTO bucket VALUES(6,'jürgen@xn--mller-kva.example',1795414596560373,1795414596560373,1,0);
INSERT INTO bucket VALUES(6,'mixed.case@example.org',1795414596515854,1795414596515854,1,0);
INSERT INTO bucket VALUES(6,'moving@example.org',1795414595238067,1795414595264702,3,0);
INSERT INTO bucket VALUES(6,'office@example.org',1795414596440744,1795414596485471,2,0);
INSERT INTO bucket VALUES(6,'penal@example.org',1795414596775042,1795414596775042,1,0);
INSERT INTO bucket VALUES(6,'scored@example.org',1795414597008323,1795414597008323,1,0);
INSERT INTO bucket VALUES(6,'sliding@example.org',1795414595552104,1795414595557844,3,0);
INSERT INTO bucket VALUES(6,'worded@example.org',1795414596349246,1795414596349246,1,0);
INSERT INTO bucket VALUES(7,'"quoted local"@example.org',1795414596593401,1795414596593401,1,0);
INSERT INTO bucket VALUES(7,'<>',1795414596667318,1795414596667318,1,0);
INSERT INTO bucket VALUES(7,'act-block@example.org',1795414596110624,1795414596110624,1,0);
INSERT INTO bucket VALUES(7,'act-defer@example.org',1795414596018335,1795414596018335,1,0);
INSERT INTO bucket VALUES(7,'act-discard@example.org',1795414596283232,1795414596283232,1,0);
INSERT INTO bucket VALUES(7,'act-hold@example.org',1795414596169126,1795414596169126,1,0);
INSERT INTO bucket VALUES(7,'act-monitor@example.org',1795414595942605,1795414595982154,2,0);
INSERT INTO bucket VALUES(7,'bucket@example.org',1795414595745070,1795414595750727,3,0);
INSERT INTO bucket VALUES(7,'fixed@example.org',1795414595395878,1795414595401293,3,0);
INSERT INTO bucket VALUES(7,'full-bucket@example.org',1795414595827898,1795414595854349,4,0);
INSERT INTO bucket VALUES(7,'full-fixed@example.org',1795414595431263,1795414595437547,4,0);
INSERT INTO bucket VALUES(7,'full-moving@example.org',1795414595317098,1795414595331205,4,0);
INSERT INTO bucket VALUES(7,'full-sliding@example.org',1795414595605343,1795414595611698,4,0);
INSERT INTO bucket VALUES(7,'granted@example.org',1795414597281774,1795414597298772,6,0);
INSERT INTO bucket VALUES(7,'jürgen@example.org',1795414596440744,1795414596485471,2,0);
INSERT INTO bucket VALUES(7,'jürgen@xn--mller-kva.example',1795414596560373,1795414596560373,1,0);
INSERT INTO bucket VALUES(7,'moving@example.org',1795414595238067,1795414595264702,3,0);
INSERT INTO bucket VALUES(7,'penal@example.org',1795414596775042,1795414596775042,1,0);
INSERT INTO bucket VALUES(7,'plain@example.org',1795414596515854,1795414596515854,1,0);
INSERT INTO bucket VALUES(7,'scored@example.org',1795414597008323,1795414597008323,1,0);
INSERT INTO bucket VALUES(7,'sliding@example.org',1795414595552104,1795414595557844,3,0);
INSERT INTO bucket VALUES(7,'worded@example.org',1795414596349246,1795414596349246,1,0);
INSERT INTO bucket VALUES(8,'127.0.0.1',1795414595238067,1795414597298772,47,0);
INSERT INTO bucket VALUES(8,'192.0.2.7',1795414596440744,1795414596440744,1,0);
INSERT INTO bucket VALUES(8,'2001:db8:1::/56',1795414596485471,1795414596485471,1,0);
INSERT INTO bucket VALUES(9,'<>',1795414596667318,1795414596667318,1,0);
INSERT INTO bucket VALUES(9,'@example.org',1795414595238067,1795414597298772,47,0);
INSERT INTO bucket VALUES(9,'@xn--mller-kva.example',1795414596560373,1795414596560373,1,0);
INSERT INTO bucket VALUES(10,'<>',1795414596667318,1795414596667318,1,0);
INSERT INTO bucket VALUES(10,'@example.org',1795414595238067,1795414597298772,47,0);
INSERT INTO bucket VALUES(10,'@xn--mller-kva.example',1795414596560373,1795414596560373,1,0);
INSERT INTO bucket VALUES(11,'one@list.example',1795414596485471,1795414596485471,1,0);
INSERT INTO bucket VALUES(11,'recipient@example.net',1795414595238067,1795414597298772,48,0);
INSERT INTO bucket VALUES(11,'two@list.example',1795414596485471,1795414596485471,1,0);
INSERT INTO bucket VALUES(11,'user@other.example',1795414596485471,1795414596485471,1,0);
INSERT INTO bucket VALUES(12,'@example.net',1795414595238067,1795414597298772,48,0);
INSERT INTO bucket VALUES(12,'@list.example',1795414596485471,1795414596485471,1,0);
INSERT INTO bucket VALUES(12,'@other.example',1795414596485471,1795414596485471,1,0);
INSERT INTO bucket VALUES(13,'*',1795414595238067,1795414597298772,49,0);
INSERT INTO bucket VALUES(14,'jürgen@example.org',1795414596440744,1795414596485471,2,0);
INSERT INTO bucket VALUES(14,'plain@example.org',1795414596515854,1795414596515854,1,0);
INSERT INTO bucket VALUES(15,'"quoted local"@example.org',1795414596593401,1795414596593401,1,0);
INSERT INTO bucket VALUES(15,'act-block@example.org',1795414596110624,1795414596110624,1,0);
INSERT INTO bucket VALUES(15,'act-defer@example.org',1795414596018335,1795414596018335,1,0);
INSERT INTO bucket VALUES(15,'act-discard@example.org',1795414596283232,1795414596283232,1,0);
INSERT INTO bucket VALUES(15,'act-hold@example.org',1795414596169126,1795414596169126,1,0);
INSERT INTO bucket VALUES(15,'act-monitor@example.org',1795414595942605,1795414595982154,2,0);
INSERT INTO bucket VALUES(15,'bucket@example.org',1795414595745070,1795414595750727,3,0);
INSERT INTO bucket VALUES(15,'fixed@example.org',1795414595395878,1795414595401293,3,0);
INSERT INTO bucket VALUES(15,'full-bucket@example.org',1795414595827898,1795414595854349,4,0);
INSERT INTO bucket VALUES(15,'full-fixed@example.org',1795414595431263,1795414595437547,4,0);
INSERT INTO bucket VALUES(15,'full-moving@example.org',1795414595317098,1795414595331205,4,0);
INSERT INTO bucket VALUES(15,'full-sliding@example.org',1795414595605343,1795414595611698,4,0);
INSERT INTO bucket VALUES(15,'granted@example.org',1795414597281774,1795414597298772,6,0);
INSERT INTO bucket VALUES(15,'jürgen@example.org',1795414596440744,1795414596485471,2,0);
INSERT INTO bucket VALUES(15,'jürgen@xn--mller-kva.example',1795414596560373,1795414596560373,1,0);
INSERT INTO bucket VALUES(15,'moving@example.org',1795414595238067,1795414595264702,3,0);
INSERT INTO bucket VALUES(15,'penal@example.org',1795414596775042,1795414596775042,1,0);
INSERT INTO bucket VALUES(15,'plain@example.org',1795414596515854,1795414596515854,1,0);
INSERT INTO bucket VALUES(15,'scored@example.org',1795414597008323,1795414597008323,1,0);
INSERT INTO bucket VALUES(15,'sliding@example.org',1795414595552104,1795414595557844,3,0);
INSERT INTO bucket VALUES(15,'worded@example.org',1795414596349246,1795414596349246,1,0);
INSERT INTO bucket VALUES(16,'"quoted local"@example.org',1795414596593401,1795414596593401,147,0);
INSERT INTO bucket VALUES(16,'act-block@example.org',1795414596110624,1795414596110624,142,0);
INSERT INTO bucket VALUES(16,'act-defer@example.org',1795414596018335,1795414596018335,142,0);
INSERT INTO bucket VALUES(16,'act-discard@example.org',1795414596283232,1795414596283232,144,0);
INSERT INTO bucket VALUES(16,'act-hold@example.org',1795414596169126,1795414596169126,141,0);
INSERT INTO bucket VALUES(16,'act-monitor@example.org',1795414595942605,1795414595982154,288,0);
INSERT INTO bucket VALUES(16,'bucket@example.org',1795414595745070,1795414595750727,417,0);
INSERT INTO bucket VALUES(16,'fixed@example.org',1795414595395878,1795414595401293,414,0);
INSERT INTO bucket VALUES(16,'full-bucket@example.org',1795414595827898,1795414595854349,576,0);
INSERT INTO bucket VALUES(16,'full-fixed@example.org',1795414595431263,1795414595437547,572,0);
INSERT INTO bucket VALUES(16,'full-moving@example.org',1795414595317098,1795414595331205,576,0);
INSERT INTO bucket VALUES(16,'full-sliding@example.org',1795414595605343,1795414595611698,580,0);
INSERT INTO bucket VALUES(16,'granted@example.org',1795414597281774,1795414597298772,840,0);
INSERT INTO bucket VALUES(16,'jürgen@example.org',1795414596440744,1795414596485471,315,0);
INSERT INTO bucket VALUES(16,'jürgen@xn--mller-kva.example',1795414596560373,1795414596560373,159,0);
INSERT INTO bucket VALUES(16,'moving@example.org',1795414595238067,1795414595264702,417,0);
INSERT INTO bucket VALUES(16,'penal@example.org',1795414596775042,1795414596775042,138,0);
INSERT INTO bucket VALUES(16,'plain@example.org',1795414596515854,1795414596515854,20135,0);
INSERT INTO bucket VALUES(16,'scored@example.org',1795414597008323,1795414597008323,148,0);
INSERT INTO bucket VALUES(16,'sliding@example.org',1795414595552104,1795414595557844,420,0);
INSERT INTO bucket VALUES(16,'worded@example.org',1795414596349246,1795414596349246,139,0);
INSERT INTO bucket VALUES(17,'act-monitor@example.org',1795414595942605,1795414595942605,1,0);
INSERT INTO bucket VALUES(18,'act-defer@example.org',1795414596018335,1795414596018335,1,0);
INSERT INTO bucket VALUES(19,'act-block@example.org',1795414596110624,1795414596110624,1,0);
INSERT INTO bucket VALUES(20,'act-hold@example.org',1795414596169126,1795414596169126,1,0);
INSERT INTO bucket VALUES(21,'act-discard@example.org',1795414596283232,1795414596283232,1,0);
INSERT INTO bucket VALUES(22,'worded@example.org',1795414596349246,1795414596349246,1,0);
INSERT INTO bucket VALUES(24,'"quoted local"@example.org',1795414596593401,1795414596593401,1,0);
INSERT INTO bucket VALUES(24,'act-block@example.org',1795414596110624,1795414596110624,1,0);
INSERT INTO bucket VALUES(24,'act-defer@example.org',1795414596018335,1795414596018335,1,0);
INSERT INTO bucket VALUES(24,'act-discard@example.org',1795414596283232,1795414596283232,1,0);
INSERT INTO bucket VALUES(24,'act-hold@example.org',1795414596169126,1795414596169126,1,0);
INSERT INTO bucket VALUES(24,'act-monitor@example.org',1795414595942605,1795414595982154,2,0);
INSERT INTO bucket VALUES(24,'bucket@example.org',1795414595745070,1795414595750727,3,0);
INSERT INTO bucket VALUES(24,'fixed@example.org',1795414595395878,1795414595401293,3,0);
INSERT INTO bucket VALUES(24,'full-bucket@example.org',1795414595827898,1795414595854349,4,0);
INSERT INTO bucket VALUES(24,'full-fixed@example.org',1795414595431263,1795414595437547,4,0);
INSERT INTO bucket VALUES(24,'full-moving@example.org',1795414595317098,1795414595331205,4,0);
INSERT INTO bucket VALUES(24,'full-sliding@example.org',1795414595605343,1795414595611698,4,0);
INSERT INTO bucket VALUES(24,'granted@example.org',1795414597281774,1795414597298772,6,0);
INSERT INTO bucket VALUES(24,'jürgen@example.org',1795414596440744,1795414596485471,2,0);
INSERT INTO bucket VALUES(24,'jürgen@xn--mller-kva.example',1795414596560373,1795414596560373,1,0);
INSERT INTO bucket VALUES(24,'moving@example.org',1795414595238067,1795414595264702,3,0);
INSERT INTO bucket VALUES(24,'penal@example.org',1795414596775042,1795414596775042,1,0);
INSERT INTO bucket VALUES(24,'plain@example.org',1795414596515854,1795414596515854,1,0);
INSERT INTO bucket VALUES(24,'scored@example.org',1795414597008323,1795414597008323,1,0);
INSERT INTO bucket VALUES(24,'sliding@example.org',1795414595552104,1795414595557844,3,0);
INSERT INTO bucket VALUES(24,'worded@example.org',1795414596349246,1795414596349246,1,0);
INSERT INTO bucket VALUES(27,'penal@example.org',1795414596775042,1795414596775042,1,0);
INSERT INTO bucket VALUES(28,'penal@example.org',1795414596821999,1795414596821999,1,0);
INSERT INTO bucket VALUES(62,'127.0.0.1',1795414596870216,1795414596917947,5,0);
INSERT INTO bucket VALUES(64,'@example.org',1795414596870216,1795414596917947,5,0);
INSERT INTO bucket VALUES(66,'@example.org',1795414596870216,1795414596917947,5,0);
INSERT INTO bucket VALUES(72,'*',1795414596870216,1795414596917947,5,0);
INSERT INTO bucket VALUES(74,'recipient@example.net',1795414596870216,1795414596917947,5,0);
INSERT INTO bucket VALUES(76,'@example.net',1795414596870216,1795414596917947,5,0);
INSERT INTO bucket VALUES(78,'edge@example.org',1795414596870216,1795414596873555,2,0);
INSERT INTO bucket VALUES(78,'full-edge@example.org',1795414596910721,1795414596917947,3,0);
INSERT INTO bucket VALUES(80,'edge@example.org',1795414596870216,1795414596873555,2,0);
INSERT INTO bucket VALUES(80,'full-edge@example.org',1795414596910721,1795414596917947,3,0);
INSERT INTO bucket VALUES(82,'edge@example.org',1795414596870216,1795414596873555,274,0);
INSERT INTO bucket VALUES(82,'full-edge@example.org',1795414596910721,1795414596917947,426,0);
INSERT INTO bucket VALUES(84,'edge@example.org',1795414596870216,1795414596873555,2,0);
INSERT INTO bucket VALUES(84,'full-edge@example.org',1795414596910721,1795414596917947,3,0);
INSERT INTO bucket VALUES(86,'edge@example.org',1795414596870216,1795414596873555,2,0);
INSERT INTO bucket VALUES(86,'full-edge@example.org',1795414596910721,1795414596917947,3,0);
INSERT INTO bucket VALUES(88,'edge@example.org',1795414596870216,1795414596873555,2,0);
INSERT INTO bucket VALUES(88,'full-edge@example.org',1795414596910721,1795414596917947,3,0);
INSERT INTO bucket VALUES(89,'full-edge@example.org',1795414596963330,1795414596963330,1,0);
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
INSERT INTO decision VALUES(1,1795414595238067,'383F4A82D89','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(2,1795414595257783,'3E52FA82345','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(3,1795414595264702,'40618A82D89','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(4,1795414595317098,'4D2FFA82345','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(5,1795414595324385,'4EF22A82345','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(6,1795414595327812,'4FC3DA82345','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(7,1795414595331205,'50735A82668','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(8,1795414595367225,'597D0A82429','defer','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 4/year reached for full-moving@example.org, room again in 365 days',1826950595331205);
INSERT INTO decision VALUES(9,1795414595395878,'6077BA8243B','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(10,1795414595398819,'6137FA8243B','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(11,1795414595401293,'61CC0A8243B','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(12,1795414595431263,'691F7A8243B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(13,1795414595433359,'69AB6A8243B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(14,1795414595435276,'6A224A8243B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(15,1795414595437547,'6AA95A8243B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(16,1795414595500032,'79EAAA8243B','defer','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,'Message limit 4/year reached for full-fixed@example.org, room again in 25 days',1797552000000000);
INSERT INTO decision VALUES(17,1795414595552104,'8696FA8243B','accept','marks',NULL,NULL,'sliding@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(18,1795414595554719,'8740FA82442','accept','marks',NULL,NULL,'sliding@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(19,1795414595557844,'8809FA8243B','accept','marks',NULL,NULL,'sliding@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(20,1795414595605343,'939E4A8243B','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(21,1795414595607605,'9429FA82442','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(22,1795414595609653,'94A90A8243B','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(23,1795414595611698,'952BAA82442','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(24,1795414595670649,'A3760A8243B','defer','sliding','full-sliding@example.org',NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,'Message limit 4/year reached for full-sliding@example.org, room again in 116 days',1805436000000000);
INSERT INTO decision VALUES(25,1795414595745070,'B5A3EA8243B','accept','bucket','bucket@example.org',NULL,'bucket@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(26,1795414595747780,'B668DA8243B','accept','bucket','bucket@example.org',NULL,'bucket@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(27,1795414595750727,'B6E8BA82442','accept','bucket','bucket@example.org',NULL,'bucket@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(28,1795414595827898,'C9EB8A8243B','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(29,1795414595839478,'CC8B2A8243B','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(30,1795414595850529,'CF7A1A8243B','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(31,1795414595854349,'D0359A8243B','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(32,1795414595892449,'D9AD6A8243B','defer','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 4/year reached for full-bucket@example.org, room again in 92 days',1803298595827898);
INSERT INTO decision VALUES(33,1795414595942605,'E5F3FA8243B','accept','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(34,1795414595982154,'EF9F1A8243B','monitor','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 1/year reached for act-monitor@example.org, room again in 365 days',1826950595942605);
INSERT INTO decision VALUES(35,1795414596018335,'044FFA827B5','accept','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(36,1795414596078489,'12FD8A827B5','defer','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,142,'Message limit 1/year reached for act-defer@example.org, room again in 365 days',1826950596018335);
INSERT INTO decision VALUES(37,1795414596110624,'1A1F2A827B5','accept','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(38,1795414596144119,'22FFEA827B5','block','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,142,'Message limit 1/year reached for act-block@example.org, room again in 365 days',1826950596110624);
INSERT INTO decision VALUES(39,1795414596169126,'29172A827B5','accept','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,141,NULL,NULL);
INSERT INTO decision VALUES(40,1795414596228516,'37896A827B5','hold','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,141,'Message limit 1/year reached for act-hold@example.org, room again in 365 days',1826950596169126);
INSERT INTO decision VALUES(41,1795414596283232,'44E86A82307','accept','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(42,1795414596312469,'4C179A82307','discard','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 1/year reached for act-discard@example.org, room again in 365 days',1826950596283232);
INSERT INTO decision VALUES(43,1795414596349246,'550F0A82307','accept','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(44,1795414596396498,'60974A82307','block','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,139,'Message limit 1/10months reached for worded@example.org, room again in 300 days',1821334596349246);
INSERT INTO decision VALUES(45,1795414596440744,'6B65EA82307','accept','marks',NULL,'jürgen@example.org','office@example.org','192.0.2.7','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(46,1795414596485471,'762FDA82307','accept','marks',NULL,'jürgen@example.org','office@example.org','2001:db8:1:2::7','mx.themis.test',3,176,NULL,NULL);
INSERT INTO decision VALUES(47,1795414596515854,'7DAB5A82307','accept','marks',NULL,'plain@example.org','mixed.case@example.org','127.0.0.1','mx.themis.test',1,20135,NULL,NULL);
INSERT INTO decision VALUES(48,1795414596560373,'88A1BA82307','accept','marks',NULL,NULL,'jürgen@xn--mller-kva.example','127.0.0.1','mx.themis.test',1,159,NULL,NULL);
INSERT INTO decision VALUES(49,1795414596593401,'90ACAA82307','accept','marks',NULL,NULL,'"quoted local"@example.org','127.0.0.1','mx.themis.test',1,147,NULL,NULL);
INSERT INTO decision VALUES(50,1795414596667318,'A2B4CA82307','accept','marks',NULL,NULL,'<>','127.0.0.1','mx.themis.test',1,149,NULL,NULL);
INSERT INTO decision VALUES(51,1795414596721661,'AFCF9A82307','bypass','free',NULL,NULL,'probe@example.org','203.0.113.5','mx.themis.test',1,133,NULL,NULL);
INSERT INTO decision VALUES(52,1795414596775042,'BD075A82307','accept','marks',NULL,NULL,'penal@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(53,1795414596821999,'C879BA82307','block','penal','penal@example.org',NULL,'penal@example.org','127.0.0.1','mx.themis.test',1,138,'Message limit 1/year reached for penal@example.org, room again in 365 days',1826950596775042);
INSERT INTO decision VALUES(54,1795414596870216,'D4396A825A3','accept','edge:own','edge@example.org',NULL,'edge@example.org','127.0.0.1','edge.themis.test',1,137,NULL,NULL);
INSERT INTO decision VALUES(55,1795414596873555,'D50B8A827B4','accept','edge:own','edge@example.org',NULL,'edge@example.org','127.0.0.1','edge.themis.test',1,137,NULL,NULL);
INSERT INTO decision VALUES(56,1795414596910721,'DE14FA825A3','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(57,1795414596914742,'DF0A7A827B4','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(58,1795414596917947,'DFE4EA825A3','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(59,1795414596963330,'EAE94A825A3','defer','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,'Message limit 3/year reached for full-edge@example.org, room again in 365 days',1826950596917947);
INSERT INTO decision VALUES(60,1795414597008323,'01CE4A827B6','accept','marks',NULL,NULL,'scored@example.org','127.0.0.1','mx.themis.test',1,148,NULL,NULL);
INSERT INTO decision VALUES(61,1795414597113862,'1B902A827B6','block',NULL,'spammer@example.org',NULL,'spammer@example.org','127.0.0.1','mx.themis.test',1,140,'spammer@example.org is blocked by hand',NULL);
INSERT INTO decision VALUES(62,1795414597169896,'29466A827B6','bypass',NULL,'198.51.100.9',NULL,'any@other.example','198.51.100.9','mx.themis.test',1,138,'198.51.100.9 is bypassed by hand',NULL);
INSERT INTO decision VALUES(63,1795414597281774,'448D1A82467','accept','marks',NULL,NULL,'granted@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(64,1795414597286261,'45B31A82467','accept','marks',NULL,NULL,'granted@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(65,1795414597289059,'4662AA82467','accept','marks',NULL,NULL,'granted@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(66,1795414597291668,'4705EA82467','accept','marks',NULL,NULL,'granted@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(67,1795414597294454,'47A8FA82467','accept','marks',NULL,NULL,'granted@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(68,1795414597298772,'48BC2A82467','accept','marks',NULL,NULL,'granted@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
CREATE TABLE audit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
time INTEGER NOT NULL,
uid INTEGER NOT NULL,
user TEXT NOT NULL,
command TEXT NOT NULL
, refusal TEXT, was TEXT, became TEXT, undo TEXT, undoes INTEGER) STRICT;
INSERT INTO audit VALUES(1,1795414594177077,0,'root','group add staff @example.org ''@müller.example'' user@other.example 192.0.2.0/24 2001:db8:1::/48',NULL,NULL,'@example.org @xn--mller-kva.example user@other.example 192.0.2.0/24 2001:db8:1::/48','group delete staff',NULL);
INSERT INTO audit VALUES(2,1795414594188705,0,'root','group add many one@list.example two@list.example three@list.example',NULL,NULL,'one@list.example two@list.example three@list.example','group delete many',NULL);
INSERT INTO audit VALUES(3,1795414594201672,0,'root','group add trusted 203.0.113.0/28',NULL,NULL,'203.0.113.0/28','group delete trusted',NULL);
INSERT INTO audit VALUES(4,1795414594207882,0,'root','group add moving moving@example.org full-moving@example.org',NULL,NULL,'moving@example.org full-moving@example.org','group delete moving',NULL);
INSERT INTO audit VALUES(5,1795414594220038,0,'root','policy add moving source=moving destination=any key=sender limit=4/year strategy=moving action=defer',NULL,NULL,'source=moving destination=any key=sender limit=4/year action=defer','policy delete moving',NULL);
INSERT INTO audit VALUES(6,1795414594233926,0,'root','group add fixed fixed@example.org full-fixed@example.org',NULL,NULL,'fixed@example.org full-fixed@example.org','group delete fixed',NULL);
INSERT INTO audit VALUES(7,1795414594245609,0,'root','policy add fixed source=fixed destination=any key=sender limit=4/year strategy=fixed action=defer',NULL,NULL,'source=fixed destination=any key=sender limit=4/year strategy=fixed action=defer','policy delete fixed',NULL);
INSERT INTO audit VALUES(8,1795414594252735,0,'root','group add sliding sliding@example.org full-sliding@example.org',NULL,NULL,'sliding@example.org full-sliding@example.org','group delete sliding',NULL);
INSERT INTO audit VALUES(9,1795414594264000,0,'root','policy add sliding source=sliding destination=any key=sender limit=4/year strategy=sliding action=defer',NULL,NULL,'source=sliding destination=any key=sender limit=4/year strategy=sliding action=defer','policy delete sliding',NULL);
INSERT INTO audit VALUES(10,1795414594283821,0,'root','group add bucket bucket@example.org full-bucket@example.org',NULL,NULL,'bucket@example.org full-bucket@example.org','group delete bucket',NULL);
INSERT INTO audit VALUES(11,1795414594288177,0,'root','policy add bucket source=bucket destination=any key=sender limit=4/year strategy=bucket action=defer',NULL,NULL,'source=bucket destination=any key=sender limit=4/year strategy=bucket action=defer','policy delete bucket',NULL);
INSERT INTO audit VALUES(12,1795414594296274,0,'root','policy add key-login source=any destination=any key=login limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=login limit=1000/year action=defer','policy delete key-login',NULL);
INSERT INTO audit VALUES(13,1795414594307237,0,'root','policy add key-sender source=any destination=any key=sender limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=sender limit=1000/year action=defer','policy delete key-sender',NULL);
INSERT INTO audit VALUES(14,1795414594320933,0,'root','policy add key-sender. source=any destination=any key=sender+ limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 limit=1000/year action=defer','policy delete key-sender.',NULL);
INSERT INTO audit VALUES(15,1795414594345291,0,'root','policy add key-client source=any destination=any key=client limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=client limit=1000/year action=defer','policy delete key-client',NULL);
INSERT INTO audit VALUES(16,1795414594357224,0,'root','policy add key-domain source=any destination=any key=domain limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=domain limit=1000/year action=defer','policy delete key-domain',NULL);
INSERT INTO audit VALUES(17,1795414594363583,0,'root','policy add key-domain. source=any destination=any key=domain+ limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=domain+ limit=1000/year action=defer','policy delete key-domain.',NULL);
INSERT INTO audit VALUES(18,1795414594376667,0,'root','policy add key-recipient source=any destination=any key=recipient limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=recipient limit=1000/year action=defer','policy delete key-recipient',NULL);
INSERT INTO audit VALUES(19,1795414594397404,0,'root','policy add key-recipient-domain source=any destination=any key=recipient-domain limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=recipient-domain limit=1000/year action=defer','policy delete key-recipient-domain',NULL);
INSERT INTO audit VALUES(20,1795414594409383,0,'root','policy add key-policy source=any destination=any key=policy limit=1000/year action=defer priority=20',NULL,NULL,'source=any destination=any priority=20 key=policy limit=1000/year action=defer','policy delete key-policy',NULL);
INSERT INTO audit VALUES(21,1795414594417559,0,'root','policy set key-login limit=1000/year,5000/10years',NULL,'limit=1000/year','limit=1000/year,5000/10years','policy set key-login limit=1000/year',NULL);
INSERT INTO audit VALUES(22,1795414594429093,0,'root','policy add by-recipients source=staff destination=!many key=sender+ limit=900000/year count=recipients action=block priority=30',NULL,NULL,'source=staff destination=!many priority=30 limit=900000/year count=recipients action=block','policy delete by-recipients',NULL);
INSERT INTO audit VALUES(23,1795414594436987,0,'root','policy add by-bytes source=staff destination=!many key=sender+ limit=900000/year count=bytes action=block priority=30',NULL,NULL,'source=staff destination=!many priority=30 limit=900000/year count=bytes action=block','policy delete by-bytes',NULL);
INSERT INTO audit VALUES(24,1795414594444930,0,'root','group add act-monitor act-monitor@example.org full-act-monitor@example.org',NULL,NULL,'act-monitor@example.org full-act-monitor@example.org','group delete act-monitor',NULL);
INSERT INTO audit VALUES(25,1795414594452904,0,'root','policy add act-monitor source=act-monitor destination=any key=sender limit=1/year action=monitor',NULL,NULL,'source=act-monitor destination=any key=sender limit=1/year','policy delete act-monitor',NULL);
INSERT INTO audit VALUES(26,1795414594469610,0,'root','group add act-defer act-defer@example.org full-act-defer@example.org',NULL,NULL,'act-defer@example.org full-act-defer@example.org','group delete act-defer',NULL);
INSERT INTO audit VALUES(27,1795414594486494,0,'root','policy add act-defer source=act-defer destination=any key=sender limit=1/year action=defer',NULL,NULL,'source=act-defer destination=any key=sender limit=1/year action=defer','policy delete act-defer',NULL);
INSERT INTO audit VALUES(28,1795414594506337,0,'root','group add act-block act-block@example.org full-act-block@example.org',NULL,NULL,'act-block@example.org full-act-block@example.org','group delete act-block',NULL);
INSERT INTO audit VALUES(29,1795414594516448,0,'root','policy add act-block source=act-block destination=any key=sender limit=1/year action=block',NULL,NULL,'source=act-block destination=any key=sender limit=1/year action=block','policy delete act-block',NULL);
INSERT INTO audit VALUES(30,1795414594528672,0,'root','group add act-hold act-hold@example.org full-act-hold@example.org',NULL,NULL,'act-hold@example.org full-act-hold@example.org','group delete act-hold',NULL);
INSERT INTO audit VALUES(31,1795414594540840,0,'root','policy add act-hold source=act-hold destination=any key=sender limit=1/year action=hold',NULL,NULL,'source=act-hold destination=any key=sender limit=1/year action=hold','policy delete act-hold',NULL);
INSERT INTO audit VALUES(32,1795414594552889,0,'root','group add act-discard act-discard@example.org full-act-discard@example.org',NULL,NULL,'act-discard@example.org full-act-discard@example.org','group delete act-discard',NULL);
INSERT INTO audit VALUES(33,1795414594564701,0,'root','policy add act-discard source=act-discard destination=any key=sender limit=1/year action=discard',NULL,NULL,'source=act-discard destination=any key=sender limit=1/year action=discard','policy delete act-discard',NULL);
INSERT INTO audit VALUES(34,1795414594590842,0,'root','group add worded worded@example.org full-worded@example.org',NULL,NULL,'worded@example.org full-worded@example.org','group delete worded',NULL);
INSERT INTO audit VALUES(35,1795414594607934,0,'root','policy add worded source=worded destination=any key=sender limit=1/300days action=block priority=1 ''reply=über {limit} für {object}, 100% sicher''',NULL,NULL,'source=worded destination=any priority=1 key=sender limit=1/10months action=block ''reply=über {limit} für {object}, 100% sicher''','policy delete worded',NULL);
INSERT INTO audit VALUES(36,1795414594625150,0,'root','policy add asleep enabled=no source=!staff destination=many limit=7/day action=hold',NULL,NULL,'source=!staff destination=many enabled=no limit=7/day action=hold','policy delete asleep',NULL);
INSERT INTO audit VALUES(37,1795414594645465,0,'root','policy add unlimited source=staff destination=any priority=40',NULL,NULL,'source=staff destination=any priority=40','policy delete unlimited',NULL);
INSERT INTO audit VALUES(38,1795414594653143,0,'root','setting set history_days 90',NULL,'history_days=30','history_days=90','setting unset history_days',NULL);
INSERT INTO audit VALUES(39,1795414594666740,0,'root','setting set ipv6_prefix 56',NULL,'ipv6_prefix=64','ipv6_prefix=56','setting unset ipv6_prefix',NULL);
INSERT INTO audit VALUES(40,1795414594676508,0,'root','setting set login_realm example.org',NULL,'login_realm=','login_realm=example.org','setting unset login_realm',NULL);
INSERT INTO audit VALUES(41,1795414594684456,0,'root','setting set null_sender count',NULL,'null_sender=skip','null_sender=count','setting unset null_sender',NULL);
INSERT INTO audit VALUES(42,1795414594696481,0,'root','setting set on_error tempfail',NULL,'on_error=accept','on_error=tempfail','setting unset on_error',NULL);
INSERT INTO audit VALUES(43,1795414594716411,0,'root','setting set default_limit 800/year',NULL,'default_limit=none','default_limit=800/year','setting unset default_limit',NULL);
INSERT INTO audit VALUES(44,1795414594741721,0,'root','policy set unlimited stop=yes',NULL,'stop=no','stop=yes','policy set unlimited stop=no',NULL);
INSERT INTO audit VALUES(45,1795414594751702,0,'root','policy add free type=bypass source=trusted destination=any priority=0',NULL,NULL,'source=trusted destination=any type=bypass priority=0','policy delete free',NULL);
INSERT INTO audit VALUES(46,1795414594771269,0,'root','policy add free-to type=bypass+ source=trusted destination=many priority=0',NULL,NULL,'source=trusted destination=many type=bypass+ priority=0','policy delete free-to',NULL);
INSERT INTO audit VALUES(47,1795414594785099,0,'root','group add penal penal@example.org full-penal@example.org',NULL,NULL,'penal@example.org full-penal@example.org','group delete penal',NULL);
INSERT INTO audit VALUES(48,1795414594799590,0,'root','policy add penal source=penal destination=any key=sender limit=1/year action=block penalty=20d',NULL,NULL,'source=penal destination=any key=sender limit=1/year action=block penalty=20days','policy delete penal',NULL);
INSERT INTO audit VALUES(49,1795414594812851,0,'root','policy add marks source=any destination=any only-headers=yes',NULL,NULL,'source=any destination=any only-headers=yes','policy delete marks',NULL);
INSERT INTO audit VALUES(50,1795414594830905,0,'root','header add marks X-Score ''/(9[6-9]|100).*/'' X-Flag YES X-Said ''so it is: $1''',NULL,NULL,'header X-Score ''/(9[6-9]|100).*/'' X-Flag YES X-Said ''so it is: $1''','header delete marks X-Score ''/(9[6-9]|100).*/''',NULL);
INSERT INTO audit VALUES(51,1795414594852327,0,'root','header add marks Subject "/it''s naïve/i" X-Naive yes',NULL,NULL,'header Subject "/it''s naïve/i" X-Naive yes','header delete marks Subject "/it''s naïve/i"',NULL);
INSERT INTO audit VALUES(52,1795414594883497,0,'root','policy set key-login rate-stats=yes',NULL,'rate-stats=no','rate-stats=yes','policy set key-login rate-stats=no',NULL);
INSERT INTO audit VALUES(53,1795414594904712,0,'root','pool add edge edge.themis.test mx9.themis.test',NULL,NULL,'edge.themis.test mx9.themis.test','pool delete edge',NULL);
INSERT INTO audit VALUES(54,1795414594930475,0,'root','pool add idle mx8.themis.test',NULL,NULL,'mx8.themis.test','pool delete idle',NULL);
INSERT INTO audit VALUES(55,1795414594953159,0,'root','setting set pool_counters yes',NULL,'pool_counters=no','pool_counters=yes','setting unset pool_counters',NULL);
INSERT INTO audit VALUES(56,1795414594981229,0,'root','setting set pool_fallback yes',NULL,'pool_fallback=no','pool_fallback=yes','setting unset pool_fallback',NULL);
INSERT INTO audit VALUES(57,1795414594988750,0,'root','policy add edge:own source=any destination=any key=sender limit=3/year action=defer',NULL,NULL,'source=any destination=any key=sender limit=3/year action=defer','policy delete edge:own',NULL);
INSERT INTO audit VALUES(58,1795414595005455,0,'root','setting set default_penalty 2h pool=edge',NULL,NULL,'default_penalty=2hours','setting unset default_penalty pool=edge',NULL);
INSERT INTO audit VALUES(59,1795414595025186,0,'root','setting set stats_days 60',NULL,'stats_days=7','stats_days=60','setting unset stats_days',NULL);
INSERT INTO audit VALUES(60,1795414595041222,0,'root','setting set reject_early never',NULL,'reject_early=auto','reject_early=never','setting unset reject_early',NULL);
INSERT INTO audit VALUES(61,1795414595053148,0,'root','policy add short source=any destination=any limit=5/hour',NULL,NULL,'source=any destination=any limit=5/hour','policy delete short',NULL);
INSERT INTO audit VALUES(62,1795414595068507,0,'root','policy rename short shorter',NULL,'short','shorter','policy rename shorter short',NULL);
INSERT INTO audit VALUES(63,1795414595089427,0,'root','policy delete shorter',NULL,'source=any destination=any limit=5/hour',NULL,'policy add shorter source=any destination=any limit=5/hour',NULL);
INSERT INTO audit VALUES(64,1795414595099289,0,'root','policy disable key-client',NULL,'enabled=yes','enabled=no','policy set key-client enabled=yes',NULL);
INSERT INTO audit VALUES(65,1795414595108864,0,'root','policy enable key-client',NULL,'enabled=no','enabled=yes','policy set key-client enabled=no',NULL);
INSERT INTO audit VALUES(66,1795414595115823,0,'root','group add brief a@brief.example b@brief.example',NULL,NULL,'a@brief.example b@brief.example','group delete brief',NULL);
INSERT INTO audit VALUES(67,1795414595124542,0,'root','group remove brief a@brief.example',NULL,'a@brief.example',NULL,'group add brief a@brief.example',NULL);
INSERT INTO audit VALUES(68,1795414595131269,0,'root','group delete brief',NULL,'b@brief.example',NULL,'group add brief b@brief.example',NULL);
INSERT INTO audit VALUES(69,1795414597017255,0,'root','object block spammer@example.org because "his password''s known"',NULL,NULL,'block because "his password''s known"','object clear spammer@example.org block',NULL);
INSERT INTO audit VALUES(70,1795414597024389,0,'root','object block late@example.org for 300d because ''until he pays''',NULL,NULL,'block until 2027-09-19T06:16:37.025Z because ''until he pays''','object clear late@example.org block',NULL);
INSERT INTO audit VALUES(71,1795414597053482,0,'root','object bypass <>',NULL,NULL,'bypass','object clear <> bypass',NULL);
INSERT INTO audit VALUES(72,1795414597073544,0,'root','object bypass 198.51.100.9 for 200d',NULL,NULL,'bypass until 2027-06-11T06:16:37.074Z','object clear 198.51.100.9 bypass',NULL);
INSERT INTO audit VALUES(73,1795414597177650,0,'root','object grant granted@example.org 3 policy=moving for 250d because ''a newsletter''',NULL,NULL,'grant 3 policy=moving until 2027-07-31T06:16:37.178Z because ''a newsletter''','object clear granted@example.org grant',NULL);
INSERT INTO audit VALUES(74,1795414597195792,0,'root','object grant everywhere@example.org 20 for 100d',NULL,NULL,'grant 20 until 2027-03-03T06:16:37.196Z','object clear everywhere@example.org grant',NULL);
INSERT INTO audit VALUES(75,1795414597213484,0,'root','group add moving granted@example.org',NULL,NULL,'granted@example.org','group remove moving granted@example.org',NULL);
INSERT INTO audit VALUES(76,1795414597318319,65534,'nobody','policy delete key-client','user nobody may look, but not change anything',NULL,NULL,NULL,NULL);
INSERT INTO audit VALUES(77,1795414597330079,0,'root','object block mistake@example.org',NULL,NULL,'block','object clear mistake@example.org block',NULL);
INSERT INTO audit VALUES(78,1795414597375477,0,'root','audit undo 77',NULL,'block',NULL,'object block mistake@example.org',77);
CREATE TABLE pool (
id INTEGER PRIMARY KEY AUTOINCREMENT,
name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO pool VALUES(1,'edge');
INSERT INTO pool VALUES(2,'idle');
CREATE TABLE pool_member (
host TEXT PRIMARY KEY,
pool_id INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO pool_member VALUES('edge.themis.test',1);
INSERT INTO pool_member VALUES('mx9.themis.test',1);
INSERT INTO pool_member VALUES('mx8.themis.test',2);
CREATE TABLE IF NOT EXISTS "policy_limit" (
id INTEGER PRIMARY KEY AUTOINCREMENT,
policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
pool_id INTEGER NOT NULL DEFAULT 0,
kind TEXT NOT NULL DEFAULT 'limit',
period INTEGER NOT NULL,
amount INTEGER NOT NULL,
spelling TEXT NOT NULL,
inherited INTEGER NOT NULL DEFAULT 0,
UNIQUE (policy_id, pool_id, kind, period)
) STRICT;
INSERT INTO policy_limit VALUES(1,1,0,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(2,2,0,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(3,3,0,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(4,4,0,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(5,5,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(6,6,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(7,7,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(8,8,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(9,9,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(10,10,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(11,11,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(12,12,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(13,13,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(14,5,0,'limit',315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(15,14,0,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(16,15,0,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(17,16,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(18,17,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(19,18,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(20,19,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(21,20,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(22,21,0,'limit',25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(23,22,0,'limit',86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(24,23,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(25,24,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(26,25,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(27,26,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(28,26,0,'penalty',1728000,1,'1/20days',0);
INSERT INTO policy_limit VALUES(29,27,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(30,24,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(31,24,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(32,25,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(33,25,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(34,21,1,'limit',25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(35,21,2,'limit',25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(36,18,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(37,18,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(38,17,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(39,17,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(40,20,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(41,20,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(42,19,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(43,19,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(44,16,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(45,16,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(46,22,1,'limit',86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(47,22,2,'limit',86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(48,4,1,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(49,4,2,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(50,2,1,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(51,2,2,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(52,27,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(53,27,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(54,1,1,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(55,1,2,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(56,26,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(57,26,1,'penalty',1728000,1,'1/20days',0);
INSERT INTO policy_limit VALUES(58,26,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(59,26,2,'penalty',1728000,1,'1/20days',0);
INSERT INTO policy_limit VALUES(60,3,1,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(61,3,2,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(62,8,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(63,8,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(64,9,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(65,9,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(66,10,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(67,10,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(68,5,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(69,5,1,'limit',315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(70,5,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(71,5,2,'limit',315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(72,13,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(73,13,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(74,11,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(75,11,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(76,12,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(77,12,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(78,6,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(79,6,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(80,7,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(81,7,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(82,15,1,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(83,15,2,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(84,14,1,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(85,14,2,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(86,23,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(87,23,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(88,28,0,'limit',31536000,3,'3/year',0);
INSERT INTO policy_limit VALUES(89,28,0,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(90,24,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(91,25,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(92,21,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(93,18,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(94,17,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(95,20,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(96,19,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(97,16,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(98,22,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(99,4,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(100,2,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(101,27,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(102,1,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(103,3,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(104,8,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(105,9,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(106,10,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(107,5,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(108,13,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(109,11,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(110,12,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(111,6,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(112,7,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(113,15,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(114,14,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(115,23,1,'penalty',7200,1,'1/2hours',0);
CREATE TABLE IF NOT EXISTS "setting" (
name TEXT NOT NULL,
pool_id INTEGER NOT NULL DEFAULT 0, -- 0: everywhere
value TEXT NOT NULL,
PRIMARY KEY (name, pool_id)
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('default_limit',0,'800/year');
INSERT INTO setting VALUES('default_penalty',1,'2hours');
INSERT INTO setting VALUES('history_days',0,'90');
INSERT INTO setting VALUES('ipv6_prefix',0,'56');
INSERT INTO setting VALUES('login_realm',0,'example.org');
INSERT INTO setting VALUES('null_sender',0,'count');
INSERT INTO setting VALUES('on_error',0,'tempfail');
INSERT INTO setting VALUES('pool_counters',0,'yes');
INSERT INTO setting VALUES('pool_fallback',0,'yes');
INSERT INTO setting VALUES('reject_early',0,'never');
INSERT INTO setting VALUES('stats_days',0,'60');
CREATE TABLE object_flag (
object TEXT NOT NULL,
flag TEXT NOT NULL, -- block or bypass
until INTEGER,	    -- NULL: until it is taken back
because TEXT,
since INTEGER NOT NULL,
user TEXT NOT NULL,
PRIMARY KEY (object, flag)
) STRICT, WITHOUT ROWID;
INSERT INTO object_flag VALUES('198.51.100.9','bypass',1812694597073437,NULL,1795414597073437,'root');
INSERT INTO object_flag VALUES('<>','bypass',NULL,NULL,1795414597053367,'root');
INSERT INTO object_flag VALUES('late@example.org','block',1821334597024242,'until he pays',1795414597024242,'root');
INSERT INTO object_flag VALUES('spammer@example.org','block',NULL,'his password''s known',1795414597017134,'root');
CREATE TABLE refusal (
object TEXT NOT NULL,
policy_id INTEGER NOT NULL,
refused INTEGER NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
PRIMARY KEY (object, policy_id)
) STRICT, WITHOUT ROWID;
INSERT INTO refusal VALUES('act-block@example.org',18,1,1795414596144119,1795414596144119);
INSERT INTO refusal VALUES('act-defer@example.org',17,1,1795414596078489,1795414596078489);
INSERT INTO refusal VALUES('act-discard@example.org',20,1,1795414596312469,1795414596312469);
INSERT INTO refusal VALUES('act-hold@example.org',19,1,1795414596228516,1795414596228516);
INSERT INTO refusal VALUES('full-bucket@example.org',4,1,1795414595892449,1795414595892449);
INSERT INTO refusal VALUES('full-edge@example.org',28,1,1795414596963330,1795414596963330);
INSERT INTO refusal VALUES('full-fixed@example.org',2,1,1795414595500032,1795414595500032);
INSERT INTO refusal VALUES('full-moving@example.org',1,1,1795414595367225,1795414595367225);
INSERT INTO refusal VALUES('full-sliding@example.org',3,1,1795414595670649,1795414595670649);
INSERT INTO refusal VALUES('penal@example.org',26,1,1795414596821999,1795414596821999);
INSERT INTO refusal VALUES('spammer@example.org',0,1,1795414597113862,1795414597113862);
INSERT INTO refusal VALUES('worded@example.org',21,1,1795414596396498,1795414596396498);
CREATE TABLE refused_client (
object TEXT NOT NULL,
client TEXT NOT NULL,
refused INTEGER NOT NULL,
last INTEGER NOT NULL,
PRIMARY KEY (object, client)
) STRICT, WITHOUT ROWID;
INSERT INTO refused_client VALUES('act-block@example.org','127.0.0.1',1,1795414596144119);
INSERT INTO refused_client VALUES('act-defer@example.org','127.0.0.1',1,1795414596078489);
INSERT INTO refused_client VALUES('act-discard@example.org','127.0.0.1',1,1795414596312469);
INSERT INTO refused_client VALUES('act-hold@example.org','127.0.0.1',1,1795414596228516);
INSERT INTO refused_client VALUES('full-bucket@example.org','127.0.0.1',1,1795414595892449);
INSERT INTO refused_client VALUES('full-edge@example.org','127.0.0.1',1,1795414596963330);
INSERT INTO refused_client VALUES('full-fixed@example.org','127.0.0.1',1,1795414595500032);
INSERT INTO refused_client VALUES('full-moving@example.org','127.0.0.1',1,1795414595367225);
INSERT INTO refused_client VALUES('full-sliding@example.org','127.0.0.1',1,1795414595670649);
INSERT INTO refused_client VALUES('penal@example.org','127.0.0.1',1,1795414596821999);
INSERT INTO refused_client VALUES('spammer@example.org','127.0.0.1',1,1795414597113862);
INSERT INTO refused_client VALUES('worded@example.org','127.0.0.1',1,1795414596396498);
CREATE TABLE traffic (
policy_id INTEGER NOT NULL,
second INTEGER NOT NULL,
messages INTEGER NOT NULL,
refused INTEGER NOT NULL,
PRIMARY KEY (policy_id, second)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic VALUES(5,1795414596,3,0);
CREATE TABLE header_rule (
id INTEGER PRIMARY KEY,
policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
header TEXT NOT NULL COLLATE NOCASE,
regex TEXT NOT NULL,
UNIQUE (policy_id, header, regex)
) STRICT;
INSERT INTO header_rule VALUES(1,27,'X-Score','/(9[6-9]|100).*/');
INSERT INTO header_rule VALUES(2,27,'Subject','/it''s naïve/i');
CREATE TABLE header_addition (
rule_id INTEGER NOT NULL REFERENCES header_rule (id) ON DELETE CASCADE,
position INTEGER NOT NULL,
name TEXT NOT NULL,
value TEXT NOT NULL,
PRIMARY KEY (rule_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO header_addition VALUES(1,0,'X-Flag','YES');
INSERT INTO header_addition VALUES(1,1,'X-Said','so it is: $1');
INSERT INTO header_addition VALUES(2,0,'X-Naive','yes');
CREATE TABLE audit_thing (
audit_id INTEGER NOT NULL,
kind TEXT NOT NULL,
name TEXT NOT NULL,
pool TEXT NOT NULL, -- whose setting it is; '': of no pool
PRIMARY KEY (audit_id, kind, name, pool)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_thing VALUES(74,'grant','everywhere@example.org','');
INSERT INTO audit_thing VALUES(73,'grant','granted@example.org','');
INSERT INTO audit_thing VALUES(28,'group','act-block','');
INSERT INTO audit_thing VALUES(26,'group','act-defer','');
INSERT INTO audit_thing VALUES(32,'group','act-discard','');
INSERT INTO audit_thing VALUES(30,'group','act-hold','');
INSERT INTO audit_thing VALUES(24,'group','act-monitor','');
INSERT INTO audit_thing VALUES(66,'group','brief','');
INSERT INTO audit_thing VALUES(67,'group','brief','');
INSERT INTO audit_thing VALUES(68,'group','brief','');
INSERT INTO audit_thing VALUES(10,'group','bucket','');
INSERT INTO audit_thing VALUES(6,'group','fixed','');
INSERT INTO audit_thing VALUES(2,'group','many','');
INSERT INTO audit_thing VALUES(4,'group','moving','');
INSERT INTO audit_thing VALUES(75,'group','moving','');
INSERT INTO audit_thing VALUES(47,'group','penal','');
INSERT INTO audit_thing VALUES(8,'group','sliding','');
INSERT INTO audit_thing VALUES(1,'group','staff','');
INSERT INTO audit_thing VALUES(3,'group','trusted','');
INSERT INTO audit_thing VALUES(34,'group','worded','');
INSERT INTO audit_thing VALUES(72,'object','198.51.100.9','');
INSERT INTO audit_thing VALUES(71,'object','<>','');
INSERT INTO audit_thing VALUES(70,'object','late@example.org','');
INSERT INTO audit_thing VALUES(77,'object','mistake@example.org','');
INSERT INTO audit_thing VALUES(78,'object','mistake@example.org','');
INSERT INTO audit_thing VALUES(69,'object','spammer@example.org','');
INSERT INTO audit_thing VALUES(29,'policy','act-block','');
INSERT INTO audit_thing VALUES(27,'policy','act-defer','');
INSERT INTO audit_thing VALUES(33,'policy','act-discard','');
INSERT INTO audit_thing VALUES(31,'policy','act-hold','');
INSERT INTO audit_thing VALUES(25,'policy','act-monitor','');
INSERT INTO audit_thing VALUES(36,'policy','asleep','');
INSERT INTO audit_thing VALUES(11,'policy','bucket','');
INSERT INTO audit_thing VALUES(23,'policy','by-bytes','');
INSERT INTO audit_thing VALUES(22,'policy','by-recipients','');
INSERT INTO audit_thing VALUES(57,'policy','edge:own','');
INSERT INTO audit_thing VALUES(7,'policy','fixed','');
INSERT INTO audit_thing VALUES(45,'policy','free','');
INSERT INTO audit_thing VALUES(46,'policy','free-to','');
INSERT INTO audit_thing VALUES(15,'policy','key-client','');
INSERT INTO audit_thing VALUES(64,'policy','key-client','');
INSERT INTO audit_thing VALUES(65,'policy','key-client','');
INSERT INTO audit_thing VALUES(16,'policy','key-domain','');
INSERT INTO audit_thing VALUES(17,'policy','key-domain.','');
INSERT INTO audit_thing VALUES(12,'policy','key-login','');
INSERT INTO audit_thing VALUES(21,'policy','key-login','');
INSERT INTO audit_thing VALUES(52,'policy','key-login','');
INSERT INTO audit_thing VALUES(20,'policy','key-policy','');
INSERT INTO audit_thing VALUES(18,'policy','key-recipient','');
INSERT INTO audit_thing VALUES(19,'policy','key-recipient-domain','');
INSERT INTO audit_thing VALUES(13,'policy','key-sender','');
INSERT INTO audit_thing VALUES(14,'policy','key-sender.','');
INSERT INTO audit_thing VALUES(49,'policy','marks','');
INSERT INTO audit_thing VALUES(50,'policy','marks','');
INSERT INTO audit_thing VALUES(51,'policy','marks','');
INSERT INTO audit_thing VALUES(5,'policy','moving','');
INSERT INTO audit_thing VALUES(48,'policy','penal','');
INSERT INTO audit_thing VALUES(61,'policy','short','');
INSERT INTO audit_thing VALUES(62,'policy','short','');
INSERT INTO audit_thing VALUES(62,'policy','shorter','');
INSERT INTO audit_thing VALUES(63,'policy','shorter','');
INSERT INTO audit_thing VALUES(9,'policy','sliding','');
INSERT INTO audit_thing VALUES(37,'policy','unlimited','');
INSERT INTO audit_thing VALUES(44,'policy','unlimited','');
INSERT INTO audit_thing VALUES(35,'policy','worded','');
INSERT INTO audit_thing VALUES(53,'pool','edge','');
INSERT INTO audit_thing VALUES(54,'pool','idle','');
INSERT INTO audit_thing VALUES(43,'setting','default_limit','');
INSERT INTO audit_thing VALUES(58,'setting','default_penalty','edge');
INSERT INTO audit_thing VALUES(38,'setting','history_days','');
INSERT INTO audit_thing VALUES(39,'setting','ipv6_prefix','');
INSERT INTO audit_thing VALUES(40,'setting','login_realm','');
INSERT INTO audit_thing VALUES(41,'setting','null_sender','');
INSERT INTO audit_thing VALUES(42,'setting','on_error','');
INSERT INTO audit_thing VALUES(55,'setting','pool_counters','');
INSERT INTO audit_thing VALUES(56,'setting','pool_fallback','');
INSERT INTO audit_thing VALUES(60,'setting','reject_early','');
INSERT INTO audit_thing VALUES(59,'setting','stats_days','');
CREATE TABLE object_grant (
object TEXT NOT NULL,
policy_id INTEGER REFERENCES policy (id) ON DELETE CASCADE,
amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 2000000000),
until INTEGER NOT NULL,
because TEXT,
since INTEGER NOT NULL,
user TEXT NOT NULL
) STRICT;
INSERT INTO object_grant VALUES('granted@example.org',1,3,1817014597177537,'a newsletter',1795414597177537,'root');
INSERT INTO object_grant VALUES('everywhere@example.org',NULL,20,1804054597195655,NULL,1795414597195655,'root');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('audit',78);
INSERT INTO sqlite_sequence VALUES('policy',29);
INSERT INTO sqlite_sequence VALUES('policy_limit',119);
INSERT INTO sqlite_sequence VALUES('pool',2);
CREATE INDEX policy_source ON policy (source_group);
CREATE INDEX policy_destination ON policy (destination_group);
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
CREATE INDEX pool_member_pool ON pool_member (pool_id);
CREATE INDEX policy_pool ON policy (pool_id);
CREATE INDEX refusal_last ON refusal (last);
CREATE INDEX refused_client_last ON refused_client (last);
CREATE INDEX traffic_second ON traffic (second);
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
CREATE VIEW v_refusals AS
SELECT r.object, p.name AS policy, r.refused,
strftime('%Y-%m-%dT%H:%M:%S', r.first / 1000000, 'unixepoch')
|| printf('.%03dZ', r.first / 1000 % 1000) AS first,
strftime('%Y-%m-%dT%H:%M:%S', r.last / 1000000, 'unixepoch')
|| printf('.%03dZ', r.last / 1000 % 1000) AS last
FROM refusal r
LEFT JOIN policy p ON p.id = r.policy_id;
CREATE VIEW v_traffic AS
SELECT p.name AS policy,
strftime('%Y-%m-%dT%H:%M:%SZ', t.second, 'unixepoch') AS time,
t.messages, t.refused
FROM traffic t
JOIN policy p ON p.id = t.policy_id;
CREATE VIEW v_penalties AS
SELECT p.name AS policy, b.object,
strftime('%Y-%m-%dT%H:%M:%S', (b.last + l.period * 1000000 + 999) / 1000000,
'unixepoch')
|| printf('.%03dZ', (b.last + l.period * 1000000 + 999) / 1000 % 1000)
AS until,
o.name AS pool
FROM policy_limit l
CROSS JOIN bucket b ON b.limit_id = l.id
JOIN policy p ON p.id = l.policy_id
LEFT JOIN pool o ON o.id = l.pool_id
WHERE l.kind = 'penalty' AND b.count > 0 AND b.last + l.period * 1000000
> CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000;
CREATE INDEX audit_user ON audit (user);
CREATE INDEX audit_thing_name ON audit_thing (kind, name, pool, audit_id);
CREATE INDEX audit_thing_pool ON audit_thing (pool, audit_id) WHERE pool <> '';
CREATE VIEW v_audit AS
SELECT
strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
|| printf('.%03dZ', time / 1000 % 1000) AS time,
uid, user, command, refusal, id AS number, was, became
FROM audit;
CREATE UNIQUE INDEX object_grant_whose ON object_grant (object, IFNULL(policy_id, 0));
CREATE INDEX object_grant_policy ON object_grant (policy_id);
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
CREATE VIEW live_bucket AS
WITH
clock (now) AS (
SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
),
piece AS (
SELECT b.limit_id, b.object, b.first, b.last, b.count, b.rest, p.name AS policy,
l.kind, l.pool_id, l.spelling, l.amount, l.period, l.period * 1000000 AS us,
IIF(l.kind = 'penalty', 'moving', p.strategy) AS strategy, c.now,
IFNULL(every.amount, 0) + IFNULL(this.amount, 0) AS granted,
MIN(IFNULL(every.until, this.until), IFNULL(this.until, every.until))
AS granted_until
FROM policy_limit l
CROSS JOIN bucket b ON b.limit_id = l.id
JOIN policy p ON p.id = l.policy_id
CROSS JOIN clock c
LEFT JOIN object_grant every ON every.object = b.object
AND IFNULL(every.policy_id, 0) = 0 AND every.until > c.now
AND p.count = 'messages'
LEFT JOIN object_grant this ON this.object = b.object
AND IFNULL(this.policy_id, 0) = p.id AND this.until > c.now
AND p.count = 'messages'
),
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
CREATE VIEW v_counters AS
WITH
live AS (
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
strftime('%Y-%m-%dT%H:%M:%S', (c.told_at + 999) / 1000000, 'unixepoch')
|| printf('.%03dZ', (c.told_at + 999) / 1000 % 1000) AS free_at,
c.amount + c.granted AS amount, c.period, o.name AS pool, c.granted
FROM told c
LEFT JOIN pool o ON o.id = c.pool_id;
COMMIT;
PRAGMA application_id = 1416129907;
PRAGMA user_version = 6;
