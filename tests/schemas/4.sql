-- Schema 4, as themisd of 24211201094338d8a7dd2e8dfb75c83595571af4 left it.
-- made 1795414586
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
INSERT INTO bucket VALUES(1,'full-moving@example.org',1795414582372092,1795414582391102,4,0);
INSERT INTO bucket VALUES(1,'moving@example.org',1795414582300526,1795414582324872,3,0);
INSERT INTO bucket VALUES(2,'fixed@example.org',1766016000000000,1795414582478670,3,0);
INSERT INTO bucket VALUES(2,'full-fixed@example.org',1766016000000000,1795414582520127,4,0);
INSERT INTO bucket VALUES(3,'full-sliding@example.org',1766016000000000,1795414582639784,4,0);
INSERT INTO bucket VALUES(3,'sliding@example.org',1766016000000000,1795414582590991,3,0);
INSERT INTO bucket VALUES(4,'bucket@example.org',0,1795414582733576,2,31535999972560);
INSERT INTO bucket VALUES(4,'full-bucket@example.org',0,1795414582804761,3,31535999945732);
INSERT INTO bucket VALUES(5,'jürgen@example.org',1795414583383905,1795414583418185,2,0);
INSERT INTO bucket VALUES(5,'plain@example.org',1795414583453492,1795414583453492,1,0);
INSERT INTO bucket VALUES(6,'"quoted local"@example.org',1795414583539072,1795414583539072,1,0);
INSERT INTO bucket VALUES(6,'<>',1795414583579730,1795414583579730,1,0);
INSERT INTO bucket VALUES(6,'act-block@example.org',1795414583056317,1795414583056317,1,0);
INSERT INTO bucket VALUES(6,'act-defer@example.org',1795414582965100,1795414582965100,1,0);
INSERT INTO bucket VALUES(6,'act-discard@example.org',1795414583212210,1795414583212210,1,0);
INSERT INTO bucket VALUES(6,'act-hold@example.org',1795414583125697,1795414583125697,1,0);
INSERT INTO bucket VALUES(6,'act-monitor@example.org',1795414582869841,1795414582914755,2,0);
INSERT INTO bucket VALUES(6,'bucket@example.org',1795414582726716,1795414582733576,3,0);
INSERT INTO bucket VALUES(6,'fixed@example.org',1795414582468575,1795414582478670,3,0);
INSERT INTO bucket VALUES(6,'full-bucket@example.org',1795414582791194,1795414582804761,4,0);
INSERT INTO bucket VALUES(6,'full-fixed@example.org',1795414582511495,1795414582520127,4,0);
INSERT INTO bucket VALUES(6,'full-moving@example.org',1795414582372092,1795414582391102,4,0);
INSERT INTO bucket VALUES(6,'full-sliding@example.org',1795414582627891,1795414582639784,4,0);
INSERT INTO bucket VALUES(6,'jürgen@xn--mller-kva.example',1795414583491608,1795414583491608,1,0);
INSERT INTO bucket VALUES(6,'mixed.case@example.org',1795414583453492,1795414583453492,1,0);
INSERT INTO bucket VALUES(6,'moving@example.org',1795414582300526,1795414582324872,3,0);
INSERT INTO bucket VALUES(6,'office@example.org',1795414583383905,1795414583418185,2,0);
INSERT INTO bucket VALUES(6,'penal@example.org',1795414583676034,1795414583676034,1,0);
INSERT INTO bucket VALUES(6,'scored@example.org',1795414583879165,1795414583879165,1,0);
INSERT INTO bucket VALUES(6,'sliding@example.org',1795414582584020,1795414582590991,3,0);
INSERT INTO bucket VALUES(6,'worded@example.org',1795414583301838,1795414583301838,1,0);
INSERT INTO bucket VALUES(7,'"quoted local"@example.org',1795414583539072,1795414583539072,1,0);
INSERT INTO bucket VALUES(7,'<>',1795414583579730,1795414583579730,1,0);
INSERT INTO bucket VALUES(7,'act-block@example.org',1795414583056317,1795414583056317,1,0);
INSERT INTO bucket VALUES(7,'act-defer@example.org',1795414582965100,1795414582965100,1,0);
INSERT INTO bucket VALUES(7,'act-discard@example.org',1795414583212210,1795414583212210,1,0);
INSERT INTO bucket VALUES(7,'act-hold@example.org',1795414583125697,1795414583125697,1,0);
INSERT INTO bucket VALUES(7,'act-monitor@example.org',1795414582869841,1795414582914755,2,0);
INSERT INTO bucket VALUES(7,'bucket@example.org',1795414582726716,1795414582733576,3,0);
INSERT INTO bucket VALUES(7,'fixed@example.org',1795414582468575,1795414582478670,3,0);
INSERT INTO bucket VALUES(7,'full-bucket@example.org',1795414582791194,1795414582804761,4,0);
INSERT INTO bucket VALUES(7,'full-fixed@example.org',1795414582511495,1795414582520127,4,0);
INSERT INTO bucket VALUES(7,'full-moving@example.org',1795414582372092,1795414582391102,4,0);
INSERT INTO bucket VALUES(7,'full-sliding@example.org',1795414582627891,1795414582639784,4,0);
INSERT INTO bucket VALUES(7,'jürgen@example.org',1795414583383905,1795414583418185,2,0);
INSERT INTO bucket VALUES(7,'jürgen@xn--mller-kva.example',1795414583491608,1795414583491608,1,0);
INSERT INTO bucket VALUES(7,'moving@example.org',1795414582300526,1795414582324872,3,0);
INSERT INTO bucket VALUES(7,'penal@example.org',1795414583676034,1795414583676034,1,0);
INSERT INTO bucket VALUES(7,'plain@example.org',1795414583453492,1795414583453492,1,0);
INSERT INTO bucket VALUES(7,'scored@example.org',1795414583879165,1795414583879165,1,0);
INSERT INTO bucket VALUES(7,'sliding@example.org',1795414582584020,1795414582590991,3,0);
INSERT INTO bucket VALUES(7,'worded@example.org',1795414583301838,1795414583301838,1,0);
INSERT INTO bucket VALUES(8,'127.0.0.1',1795414582300526,1795414583879165,41,0);
INSERT INTO bucket VALUES(8,'192.0.2.7',1795414583383905,1795414583383905,1,0);
INSERT INTO bucket VALUES(8,'2001:db8:1::/56',1795414583418185,1795414583418185,1,0);
INSERT INTO bucket VALUES(9,'<>',1795414583579730,1795414583579730,1,0);
INSERT INTO bucket VALUES(9,'@example.org',1795414582300526,1795414583879165,41,0);
INSERT INTO bucket VALUES(9,'@xn--mller-kva.example',1795414583491608,1795414583491608,1,0);
INSERT INTO bucket VALUES(10,'<>',1795414583579730,1795414583579730,1,0);
INSERT INTO bucket VALUES(10,'@example.org',1795414582300526,1795414583879165,41,0);
INSERT INTO bucket VALUES(10,'@xn--mller-kva.example',1795414583491608,1795414583491608,1,0);
INSERT INTO bucket VALUES(11,'one@list.example',1795414583418185,1795414583418185,1,0);
INSERT INTO bucket VALUES(11,'recipient@example.net',1795414582300526,1795414583879165,42,0);
INSERT INTO bucket VALUES(11,'two@list.example',1795414583418185,1795414583418185,1,0);
INSERT INTO bucket VALUES(11,'user@other.example',1795414583418185,1795414583418185,1,0);
INSERT INTO bucket VALUES(12,'@example.net',1795414582300526,1795414583879165,42,0);
INSERT INTO bucket VALUES(12,'@list.example',1795414583418185,1795414583418185,1,0);
INSERT INTO bucket VALUES(12,'@other.example',1795414583418185,1795414583418185,1,0);
INSERT INTO bucket VALUES(13,'*',1795414582300526,1795414583879165,43,0);
INSERT INTO bucket VALUES(14,'jürgen@example.org',1795414583383905,1795414583418185,2,0);
INSERT INTO bucket VALUES(14,'plain@example.org',1795414583453492,1795414583453492,1,0);
INSERT INTO bucket VALUES(15,'"quoted local"@example.org',1795414583539072,1795414583539072,1,0);
INSERT INTO bucket VALUES(15,'act-block@example.org',1795414583056317,1795414583056317,1,0);
INSERT INTO bucket VALUES(15,'act-defer@example.org',1795414582965100,1795414582965100,1,0);
INSERT INTO bucket VALUES(15,'act-discard@example.org',1795414583212210,1795414583212210,1,0);
INSERT INTO bucket VALUES(15,'act-hold@example.org',1795414583125697,1795414583125697,1,0);
INSERT INTO bucket VALUES(15,'act-monitor@example.org',1795414582869841,1795414582914755,2,0);
INSERT INTO bucket VALUES(15,'bucket@example.org',1795414582726716,1795414582733576,3,0);
INSERT INTO bucket VALUES(15,'fixed@example.org',1795414582468575,1795414582478670,3,0);
INSERT INTO bucket VALUES(15,'full-bucket@example.org',1795414582791194,1795414582804761,4,0);
INSERT INTO bucket VALUES(15,'full-fixed@example.org',1795414582511495,1795414582520127,4,0);
INSERT INTO bucket VALUES(15,'full-moving@example.org',1795414582372092,1795414582391102,4,0);
INSERT INTO bucket VALUES(15,'full-sliding@example.org',1795414582627891,1795414582639784,4,0);
INSERT INTO bucket VALUES(15,'jürgen@example.org',1795414583383905,1795414583418185,2,0);
INSERT INTO bucket VALUES(15,'jürgen@xn--mller-kva.example',1795414583491608,1795414583491608,1,0);
INSERT INTO bucket VALUES(15,'moving@example.org',1795414582300526,1795414582324872,3,0);
INSERT INTO bucket VALUES(15,'penal@example.org',1795414583676034,1795414583676034,1,0);
INSERT INTO bucket VALUES(15,'plain@example.org',1795414583453492,1795414583453492,1,0);
INSERT INTO bucket VALUES(15,'scored@example.org',1795414583879165,1795414583879165,1,0);
INSERT INTO bucket VALUES(15,'sliding@example.org',1795414582584020,1795414582590991,3,0);
INSERT INTO bucket VALUES(15,'worded@example.org',1795414583301838,1795414583301838,1,0);
INSERT INTO bucket VALUES(16,'"quoted local"@example.org',1795414583539072,1795414583539072,147,0);
INSERT INTO bucket VALUES(16,'act-block@example.org',1795414583056317,1795414583056317,142,0);
INSERT INTO bucket VALUES(16,'act-defer@example.org',1795414582965100,1795414582965100,142,0);
INSERT INTO bucket VALUES(16,'act-discard@example.org',1795414583212210,1795414583212210,144,0);
INSERT INTO bucket VALUES(16,'act-hold@example.org',1795414583125697,1795414583125697,141,0);
INSERT INTO bucket VALUES(16,'act-monitor@example.org',1795414582869841,1795414582914755,288,0);
INSERT INTO bucket VALUES(16,'bucket@example.org',1795414582726716,1795414582733576,417,0);
INSERT INTO bucket VALUES(16,'fixed@example.org',1795414582468575,1795414582478670,414,0);
INSERT INTO bucket VALUES(16,'full-bucket@example.org',1795414582791194,1795414582804761,576,0);
INSERT INTO bucket VALUES(16,'full-fixed@example.org',1795414582511495,1795414582520127,572,0);
INSERT INTO bucket VALUES(16,'full-moving@example.org',1795414582372092,1795414582391102,576,0);
INSERT INTO bucket VALUES(16,'full-sliding@example.org',1795414582627891,1795414582639784,580,0);
INSERT INTO bucket VALUES(16,'jürgen@example.org',1795414583383905,1795414583418185,315,0);
INSERT INTO bucket VALUES(16,'jürgen@xn--mller-kva.example',1795414583491608,1795414583491608,159,0);
INSERT INTO bucket VALUES(16,'moving@example.org',1795414582300526,1795414582324872,417,0);
INSERT INTO bucket VALUES(16,'penal@example.org',1795414583676034,1795414583676034,138,0);
INSERT INTO bucket VALUES(16,'plain@example.org',1795414583453492,1795414583453492,20135,0);
INSERT INTO bucket VALUES(16,'scored@example.org',1795414583879165,1795414583879165,148,0);
INSERT INTO bucket VALUES(16,'sliding@example.org',1795414582584020,1795414582590991,420,0);
INSERT INTO bucket VALUES(16,'worded@example.org',1795414583301838,1795414583301838,139,0);
INSERT INTO bucket VALUES(17,'act-monitor@example.org',1795414582869841,1795414582869841,1,0);
INSERT INTO bucket VALUES(18,'act-defer@example.org',1795414582965100,1795414582965100,1,0);
INSERT INTO bucket VALUES(19,'act-block@example.org',1795414583056317,1795414583056317,1,0);
INSERT INTO bucket VALUES(20,'act-hold@example.org',1795414583125697,1795414583125697,1,0);
INSERT INTO bucket VALUES(21,'act-discard@example.org',1795414583212210,1795414583212210,1,0);
INSERT INTO bucket VALUES(22,'worded@example.org',1795414583301838,1795414583301838,1,0);
INSERT INTO bucket VALUES(24,'"quoted local"@example.org',1795414583539072,1795414583539072,1,0);
INSERT INTO bucket VALUES(24,'act-block@example.org',1795414583056317,1795414583056317,1,0);
INSERT INTO bucket VALUES(24,'act-defer@example.org',1795414582965100,1795414582965100,1,0);
INSERT INTO bucket VALUES(24,'act-discard@example.org',1795414583212210,1795414583212210,1,0);
INSERT INTO bucket VALUES(24,'act-hold@example.org',1795414583125697,1795414583125697,1,0);
INSERT INTO bucket VALUES(24,'act-monitor@example.org',1795414582869841,1795414582914755,2,0);
INSERT INTO bucket VALUES(24,'bucket@example.org',1795414582726716,1795414582733576,3,0);
INSERT INTO bucket VALUES(24,'fixed@example.org',1795414582468575,1795414582478670,3,0);
INSERT INTO bucket VALUES(24,'full-bucket@example.org',1795414582791194,1795414582804761,4,0);
INSERT INTO bucket VALUES(24,'full-fixed@example.org',1795414582511495,1795414582520127,4,0);
INSERT INTO bucket VALUES(24,'full-moving@example.org',1795414582372092,1795414582391102,4,0);
INSERT INTO bucket VALUES(24,'full-sliding@example.org',1795414582627891,1795414582639784,4,0);
INSERT INTO bucket VALUES(24,'jürgen@example.org',1795414583383905,1795414583418185,2,0);
INSERT INTO bucket VALUES(24,'jürgen@xn--mller-kva.example',1795414583491608,1795414583491608,1,0);
INSERT INTO bucket VALUES(24,'moving@example.org',1795414582300526,1795414582324872,3,0);
INSERT INTO bucket VALUES(24,'penal@example.org',1795414583676034,1795414583676034,1,0);
INSERT INTO bucket VALUES(24,'plain@example.org',1795414583453492,1795414583453492,1,0);
INSERT INTO bucket VALUES(24,'scored@example.org',1795414583879165,1795414583879165,1,0);
INSERT INTO bucket VALUES(24,'sliding@example.org',1795414582584020,1795414582590991,3,0);
INSERT INTO bucket VALUES(24,'worded@example.org',1795414583301838,1795414583301838,1,0);
INSERT INTO bucket VALUES(27,'penal@example.org',1795414583676034,1795414583676034,1,0);
INSERT INTO bucket VALUES(28,'penal@example.org',1795414583718499,1795414583718499,1,0);
INSERT INTO bucket VALUES(62,'127.0.0.1',1795414583760543,1795414583803149,5,0);
INSERT INTO bucket VALUES(64,'@example.org',1795414583760543,1795414583803149,5,0);
INSERT INTO bucket VALUES(66,'@example.org',1795414583760543,1795414583803149,5,0);
INSERT INTO bucket VALUES(72,'*',1795414583760543,1795414583803149,5,0);
INSERT INTO bucket VALUES(74,'recipient@example.net',1795414583760543,1795414583803149,5,0);
INSERT INTO bucket VALUES(76,'@example.net',1795414583760543,1795414583803149,5,0);
INSERT INTO bucket VALUES(78,'edge@example.org',1795414583760543,1795414583763623,2,0);
INSERT INTO bucket VALUES(78,'full-edge@example.org',1795414583797752,1795414583803149,3,0);
INSERT INTO bucket VALUES(80,'edge@example.org',1795414583760543,1795414583763623,2,0);
INSERT INTO bucket VALUES(80,'full-edge@example.org',1795414583797752,1795414583803149,3,0);
INSERT INTO bucket VALUES(82,'edge@example.org',1795414583760543,1795414583763623,274,0);
INSERT INTO bucket VALUES(82,'full-edge@example.org',1795414583797752,1795414583803149,426,0);
INSERT INTO bucket VALUES(84,'edge@example.org',1795414583760543,1795414583763623,2,0);
INSERT INTO bucket VALUES(84,'full-edge@example.org',1795414583797752,1795414583803149,3,0);
INSERT INTO bucket VALUES(86,'edge@example.org',1795414583760543,1795414583763623,2,0);
INSERT INTO bucket VALUES(86,'full-edge@example.org',1795414583797752,1795414583803149,3,0);
INSERT INTO bucket VALUES(88,'edge@example.org',1795414583760543,1795414583763623,2,0);
INSERT INTO bucket VALUES(88,'full-edge@example.org',1795414583797752,1795414583803149,3,0);
INSERT INTO bucket VALUES(89,'full-edge@example.org',1795414583843735,1795414583843735,1,0);
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
INSERT INTO decision VALUES(1,1795414582300526,'482E2A82667','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(2,1795414582309900,'4B76FA82A7D','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(3,1795414582324872,'4D9E4A82A7F','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(4,1795414582372092,'5A94FA82667','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(5,1795414582377394,'5BE8DA82667','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(6,1795414582387623,'5E2B2A82667','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(7,1795414582391102,'5F43AA82A7D','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(8,1795414582428638,'68717A82667','defer','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 4/year reached for full-moving@example.org, room again in 365 days',1826950582391102);
INSERT INTO decision VALUES(9,1795414582468575,'72369A82667','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(10,1795414582476387,'74144A82A7D','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(11,1795414582478670,'74AE0A82667','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(12,1795414582511495,'7CA6EA82667','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(13,1795414582514879,'7D6C2A82A7D','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(14,1795414582517535,'7E29AA82667','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(15,1795414582520127,'7ED3CA82667','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,NULL,NULL);
INSERT INTO decision VALUES(16,1795414582552007,'867AAA82667','defer','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,143,'Message limit 4/year reached for full-fixed@example.org, room again in 25 days',1797552000000000);
INSERT INTO decision VALUES(17,1795414582584020,'8E5F7A82667','accept','marks',NULL,NULL,'sliding@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(18,1795414582587754,'8F4F7A82A7D','accept','marks',NULL,NULL,'sliding@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(19,1795414582590991,'90195A82667','accept','marks',NULL,NULL,'sliding@example.org','127.0.0.1','mx.themis.test',1,140,NULL,NULL);
INSERT INTO decision VALUES(20,1795414582627891,'991D7A82667','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(21,1795414582630644,'99CA3A82A7D','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(22,1795414582636468,'9B050A82667','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(23,1795414582639784,'9BFD3A82667','accept','marks',NULL,NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,NULL,NULL);
INSERT INTO decision VALUES(24,1795414582683477,'A68D1A82667','defer','sliding','full-sliding@example.org',NULL,'full-sliding@example.org','127.0.0.1','mx.themis.test',1,145,'Message limit 4/year reached for full-sliding@example.org, room again in 116 days',1805436000000000);
INSERT INTO decision VALUES(25,1795414582726716,'B0E32A82667','accept','bucket','bucket@example.org',NULL,'bucket@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(26,1795414582730821,'B221BA82A7D','accept','bucket','bucket@example.org',NULL,'bucket@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(27,1795414582733576,'B2D95A82667','accept','bucket','bucket@example.org',NULL,'bucket@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(28,1795414582791194,'C0EBCA82667','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(29,1795414582795805,'C219CA82667','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(30,1795414582801190,'C361EA82667','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(31,1795414582804761,'C44E5A82667','accept','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(32,1795414582837612,'CC3C6A82667','defer','bucket','full-bucket@example.org',NULL,'full-bucket@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 4/year reached for full-bucket@example.org, room again in 92 days',1803298582791194);
INSERT INTO decision VALUES(33,1795414582869841,'D421CA82667','accept','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(34,1795414582914755,'DF227A82667','monitor','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 1/year reached for act-monitor@example.org, room again in 365 days',1826950582869841);
INSERT INTO decision VALUES(35,1795414582965100,'EB5B6A82667','accept','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(36,1795414583014018,'0329FA82A80','defer','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,142,'Message limit 1/year reached for act-defer@example.org, room again in 365 days',1826950582965100);
INSERT INTO decision VALUES(37,1795414583056317,'0D8DFA82A80','accept','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(38,1795414583088834,'157E2A82A80','block','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,142,'Message limit 1/year reached for act-block@example.org, room again in 365 days',1826950583056317);
INSERT INTO decision VALUES(39,1795414583125697,'1E79EA82A80','accept','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,141,NULL,NULL);
INSERT INTO decision VALUES(40,1795414583158365,'266D8A82A80','hold','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,141,'Message limit 1/year reached for act-hold@example.org, room again in 365 days',1826950583125697);
INSERT INTO decision VALUES(41,1795414583212210,'338EDA82A81','accept','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,144,NULL,NULL);
INSERT INTO decision VALUES(42,1795414583245649,'3BA56A82A81','discard','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,144,'Message limit 1/year reached for act-discard@example.org, room again in 365 days',1826950583212210);
INSERT INTO decision VALUES(43,1795414583301838,'4970CA82A81','accept','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(44,1795414583335815,'51BD7A82A81','block','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,139,'Message limit 1/10months reached for worded@example.org, room again in 300 days',1821334583301838);
INSERT INTO decision VALUES(45,1795414583383905,'5D6D2A82A81','accept','marks',NULL,'jürgen@example.org','office@example.org','192.0.2.7','mx.themis.test',1,139,NULL,NULL);
INSERT INTO decision VALUES(46,1795414583418185,'65BB8A82A81','accept','marks',NULL,'jürgen@example.org','office@example.org','2001:db8:1:2::7','mx.themis.test',3,176,NULL,NULL);
INSERT INTO decision VALUES(47,1795414583453492,'6E597A82A81','accept','marks',NULL,'plain@example.org','mixed.case@example.org','127.0.0.1','mx.themis.test',1,20135,NULL,NULL);
INSERT INTO decision VALUES(48,1795414583491608,'77BACA82A81','accept','marks',NULL,NULL,'jürgen@xn--mller-kva.example','127.0.0.1','mx.themis.test',1,159,NULL,NULL);
INSERT INTO decision VALUES(49,1795414583539072,'8353EA82A81','accept','marks',NULL,NULL,'"quoted local"@example.org','127.0.0.1','mx.themis.test',1,147,NULL,NULL);
INSERT INTO decision VALUES(50,1795414583579730,'8D0DCA82A81','accept','marks',NULL,NULL,'<>','127.0.0.1','mx.themis.test',1,149,NULL,NULL);
INSERT INTO decision VALUES(51,1795414583640149,'9C12FA82A81','bypass','free',NULL,NULL,'probe@example.org','203.0.113.5','mx.themis.test',1,133,NULL,NULL);
INSERT INTO decision VALUES(52,1795414583676034,'A4DABA82A81','accept','marks',NULL,NULL,'penal@example.org','127.0.0.1','mx.themis.test',1,138,NULL,NULL);
INSERT INTO decision VALUES(53,1795414583718499,'AF353A82A81','block','penal','penal@example.org',NULL,'penal@example.org','127.0.0.1','mx.themis.test',1,138,'Message limit 1/year reached for penal@example.org, room again in 365 days',1826950583676034);
INSERT INTO decision VALUES(54,1795414583760543,'B96A3A82A82','accept','edge:own','edge@example.org',NULL,'edge@example.org','127.0.0.1','edge.themis.test',1,137,NULL,NULL);
INSERT INTO decision VALUES(55,1795414583763623,'BA3CEA82A82','accept','edge:own','edge@example.org',NULL,'edge@example.org','127.0.0.1','edge.themis.test',1,137,NULL,NULL);
INSERT INTO decision VALUES(56,1795414583797752,'C26CFA82A82','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(57,1795414583800763,'C3518A82A83','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(58,1795414583803149,'C3E59A82A82','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,NULL,NULL);
INSERT INTO decision VALUES(59,1795414583843735,'CDB4EA82A82','defer','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,142,'Message limit 3/year reached for full-edge@example.org, room again in 365 days',1826950583803149);
INSERT INTO decision VALUES(60,1795414583879165,'D64ABA82A82','accept','marks',NULL,NULL,'scored@example.org','127.0.0.1','mx.themis.test',1,148,NULL,NULL);
INSERT INTO decision VALUES(61,1795414583964183,'EB1C7A82A82','block',NULL,'spammer@example.org',NULL,'spammer@example.org','127.0.0.1','mx.themis.test',1,140,'spammer@example.org is blocked by hand',NULL);
INSERT INTO decision VALUES(62,1795414584023772,'05735A82006','bypass',NULL,'198.51.100.9',NULL,'any@other.example','198.51.100.9','mx.themis.test',1,138,'198.51.100.9 is bypassed by hand',NULL);
CREATE TABLE audit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
time INTEGER NOT NULL,
uid INTEGER NOT NULL,
user TEXT NOT NULL,
command TEXT NOT NULL
, refusal TEXT) STRICT;
INSERT INTO audit VALUES(1,1795414581400580,0,'root','group add staff @example.org ''@müller.example'' user@other.example 192.0.2.0/24 2001:db8:1::/48',NULL);
INSERT INTO audit VALUES(2,1795414581422485,0,'root','group add many one@list.example two@list.example three@list.example',NULL);
INSERT INTO audit VALUES(3,1795414581432004,0,'root','group add trusted 203.0.113.0/28',NULL);
INSERT INTO audit VALUES(4,1795414581451450,0,'root','group add moving moving@example.org full-moving@example.org',NULL);
INSERT INTO audit VALUES(5,1795414581463507,0,'root','policy add moving source=moving destination=any key=sender limit=4/year strategy=moving action=defer',NULL);
INSERT INTO audit VALUES(6,1795414581470632,0,'root','group add fixed fixed@example.org full-fixed@example.org',NULL);
INSERT INTO audit VALUES(7,1795414581479418,0,'root','policy add fixed source=fixed destination=any key=sender limit=4/year strategy=fixed action=defer',NULL);
INSERT INTO audit VALUES(8,1795414581493795,0,'root','group add sliding sliding@example.org full-sliding@example.org',NULL);
INSERT INTO audit VALUES(9,1795414581521266,0,'root','policy add sliding source=sliding destination=any key=sender limit=4/year strategy=sliding action=defer',NULL);
INSERT INTO audit VALUES(10,1795414581535612,0,'root','group add bucket bucket@example.org full-bucket@example.org',NULL);
INSERT INTO audit VALUES(11,1795414581551504,0,'root','policy add bucket source=bucket destination=any key=sender limit=4/year strategy=bucket action=defer',NULL);
INSERT INTO audit VALUES(12,1795414581570520,0,'root','policy add key-login source=any destination=any key=login limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(13,1795414581588311,0,'root','policy add key-sender source=any destination=any key=sender limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(14,1795414581615102,0,'root','policy add key-sender. source=any destination=any key=sender+ limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(15,1795414581634572,0,'root','policy add key-client source=any destination=any key=client limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(16,1795414581651621,0,'root','policy add key-domain source=any destination=any key=domain limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(17,1795414581669753,0,'root','policy add key-domain. source=any destination=any key=domain+ limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(18,1795414581691333,0,'root','policy add key-recipient source=any destination=any key=recipient limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(19,1795414581700225,0,'root','policy add key-recipient-domain source=any destination=any key=recipient-domain limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(20,1795414581714712,0,'root','policy add key-policy source=any destination=any key=policy limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(21,1795414581732152,0,'root','policy set key-login limit=1000/year,5000/10years',NULL);
INSERT INTO audit VALUES(22,1795414581737967,0,'root','policy add by-recipients source=staff destination=!many key=sender+ limit=900000/year count=recipients action=block priority=30',NULL);
INSERT INTO audit VALUES(23,1795414581747426,0,'root','policy add by-bytes source=staff destination=!many key=sender+ limit=900000/year count=bytes action=block priority=30',NULL);
INSERT INTO audit VALUES(24,1795414581755180,0,'root','group add act-monitor act-monitor@example.org full-act-monitor@example.org',NULL);
INSERT INTO audit VALUES(25,1795414581762079,0,'root','policy add act-monitor source=act-monitor destination=any key=sender limit=1/year action=monitor',NULL);
INSERT INTO audit VALUES(26,1795414581770771,0,'root','group add act-defer act-defer@example.org full-act-defer@example.org',NULL);
INSERT INTO audit VALUES(27,1795414581778565,0,'root','policy add act-defer source=act-defer destination=any key=sender limit=1/year action=defer',NULL);
INSERT INTO audit VALUES(28,1795414581785497,0,'root','group add act-block act-block@example.org full-act-block@example.org',NULL);
INSERT INTO audit VALUES(29,1795414581790589,0,'root','policy add act-block source=act-block destination=any key=sender limit=1/year action=block',NULL);
INSERT INTO audit VALUES(30,1795414581795556,0,'root','group add act-hold act-hold@example.org full-act-hold@example.org',NULL);
INSERT INTO audit VALUES(31,1795414581805785,0,'root','policy add act-hold source=act-hold destination=any key=sender limit=1/year action=hold',NULL);
INSERT INTO audit VALUES(32,1795414581815318,0,'root','group add act-discard act-discard@example.org full-act-discard@example.org',NULL);
INSERT INTO audit VALUES(33,1795414581827678,0,'root','policy add act-discard source=act-discard destination=any key=sender limit=1/year action=discard',NULL);
INSERT INTO audit VALUES(34,1795414581835691,0,'root','group add worded worded@example.org full-worded@example.org',NULL);
INSERT INTO audit VALUES(35,1795414581840736,0,'root','policy add worded source=worded destination=any key=sender limit=1/300days action=block priority=1 ''reply=über {limit} für {object}, 100% sicher''',NULL);
INSERT INTO audit VALUES(36,1795414581845621,0,'root','policy add asleep enabled=no source=!staff destination=many limit=7/day action=hold',NULL);
INSERT INTO audit VALUES(37,1795414581850155,0,'root','policy add unlimited source=staff destination=any priority=40',NULL);
INSERT INTO audit VALUES(38,1795414581854526,0,'root','setting set history_days 90',NULL);
INSERT INTO audit VALUES(39,1795414581858686,0,'root','setting set ipv6_prefix 56',NULL);
INSERT INTO audit VALUES(40,1795414581862848,0,'root','setting set login_realm example.org',NULL);
INSERT INTO audit VALUES(41,1795414581866865,0,'root','setting set null_sender count',NULL);
INSERT INTO audit VALUES(42,1795414581870795,0,'root','setting set on_error tempfail',NULL);
INSERT INTO audit VALUES(43,1795414581875324,0,'root','setting set default_limit 800/year',NULL);
INSERT INTO audit VALUES(44,1795414581879554,0,'root','policy set unlimited stop=yes',NULL);
INSERT INTO audit VALUES(45,1795414581884109,0,'root','policy add free type=bypass source=trusted destination=any priority=0',NULL);
INSERT INTO audit VALUES(46,1795414581905357,0,'root','policy add free-to type=bypass+ source=trusted destination=many priority=0',NULL);
INSERT INTO audit VALUES(47,1795414581913803,0,'root','group add penal penal@example.org full-penal@example.org',NULL);
INSERT INTO audit VALUES(48,1795414581925404,0,'root','policy add penal source=penal destination=any key=sender limit=1/year action=block penalty=20d',NULL);
INSERT INTO audit VALUES(49,1795414581935356,0,'root','policy add marks source=any destination=any only-headers=yes',NULL);
INSERT INTO audit VALUES(50,1795414581944174,0,'root','header add marks X-Score ''/(9[6-9]|100).*/'' X-Flag YES X-Said ''so it is: $1''',NULL);
INSERT INTO audit VALUES(51,1795414581949565,0,'root','header add marks Subject ''/it''\''''s naïve/i'' X-Naive yes',NULL);
INSERT INTO audit VALUES(52,1795414581955146,0,'root','policy set key-login rate-stats=yes',NULL);
INSERT INTO audit VALUES(53,1795414581963647,0,'root','pool add edge edge.themis.test mx9.themis.test',NULL);
INSERT INTO audit VALUES(54,1795414581976451,0,'root','pool add idle mx8.themis.test',NULL);
INSERT INTO audit VALUES(55,1795414581988905,0,'root','setting set pool_counters yes',NULL);
INSERT INTO audit VALUES(56,1795414581997926,0,'root','setting set pool_fallback yes',NULL);
INSERT INTO audit VALUES(57,1795414582003857,0,'root','policy add edge:own source=any destination=any key=sender limit=3/year action=defer',NULL);
INSERT INTO audit VALUES(58,1795414582011255,0,'root','setting set default_penalty 2h pool=edge',NULL);
INSERT INTO audit VALUES(59,1795414582017888,0,'root','setting set stats_days 60',NULL);
INSERT INTO audit VALUES(60,1795414582025293,0,'root','setting set reject_early never',NULL);
INSERT INTO audit VALUES(61,1795414582033619,0,'root','policy add short source=any destination=any limit=5/hour',NULL);
INSERT INTO audit VALUES(62,1795414582045797,0,'root','policy rename short shorter',NULL);
INSERT INTO audit VALUES(63,1795414582051926,0,'root','policy delete shorter',NULL);
INSERT INTO audit VALUES(64,1795414582071813,0,'root','policy disable key-client',NULL);
INSERT INTO audit VALUES(65,1795414582091801,0,'root','policy enable key-client',NULL);
INSERT INTO audit VALUES(66,1795414582109946,0,'root','group add brief a@brief.example b@brief.example',NULL);
INSERT INTO audit VALUES(67,1795414582130894,0,'root','group remove brief a@brief.example',NULL);
INSERT INTO audit VALUES(68,1795414582161726,0,'root','group delete brief',NULL);
INSERT INTO audit VALUES(69,1795414583893582,0,'root','object block spammer@example.org because ''his password''\''''s known''',NULL);
INSERT INTO audit VALUES(70,1795414583907400,0,'root','object block late@example.org for 300d because ''until he pays''',NULL);
INSERT INTO audit VALUES(71,1795414583919557,0,'root','object bypass <>',NULL);
INSERT INTO audit VALUES(72,1795414583926587,0,'root','object bypass 198.51.100.9 for 200d',NULL);
INSERT INTO audit VALUES(73,1795414584034396,65534,'nobody','policy delete key-client','user nobody may look, but not change anything');
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
INSERT INTO object_flag VALUES('198.51.100.9','bypass',1812694583926473,NULL,1795414583926473,'root');
INSERT INTO object_flag VALUES('<>','bypass',NULL,NULL,1795414583919427,'root');
INSERT INTO object_flag VALUES('late@example.org','block',1821334583907269,'until he pays',1795414583907269,'root');
INSERT INTO object_flag VALUES('spammer@example.org','block',NULL,'his password''s known',1795414583893328,'root');
CREATE TABLE refusal (
object TEXT NOT NULL,
policy_id INTEGER NOT NULL,
refused INTEGER NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
PRIMARY KEY (object, policy_id)
) STRICT, WITHOUT ROWID;
INSERT INTO refusal VALUES('act-block@example.org',18,1,1795414583088834,1795414583088834);
INSERT INTO refusal VALUES('act-defer@example.org',17,1,1795414583014018,1795414583014018);
INSERT INTO refusal VALUES('act-discard@example.org',20,1,1795414583245649,1795414583245649);
INSERT INTO refusal VALUES('act-hold@example.org',19,1,1795414583158365,1795414583158365);
INSERT INTO refusal VALUES('full-bucket@example.org',4,1,1795414582837612,1795414582837612);
INSERT INTO refusal VALUES('full-edge@example.org',28,1,1795414583843735,1795414583843735);
INSERT INTO refusal VALUES('full-fixed@example.org',2,1,1795414582552007,1795414582552007);
INSERT INTO refusal VALUES('full-moving@example.org',1,1,1795414582428638,1795414582428638);
INSERT INTO refusal VALUES('full-sliding@example.org',3,1,1795414582683477,1795414582683477);
INSERT INTO refusal VALUES('penal@example.org',26,1,1795414583718499,1795414583718499);
INSERT INTO refusal VALUES('spammer@example.org',0,1,1795414583964183,1795414583964183);
INSERT INTO refusal VALUES('worded@example.org',21,1,1795414583335815,1795414583335815);
CREATE TABLE refused_client (
object TEXT NOT NULL,
client TEXT NOT NULL,
refused INTEGER NOT NULL,
last INTEGER NOT NULL,
PRIMARY KEY (object, client)
) STRICT, WITHOUT ROWID;
INSERT INTO refused_client VALUES('act-block@example.org','127.0.0.1',1,1795414583088834);
INSERT INTO refused_client VALUES('act-defer@example.org','127.0.0.1',1,1795414583014018);
INSERT INTO refused_client VALUES('act-discard@example.org','127.0.0.1',1,1795414583245649);
INSERT INTO refused_client VALUES('act-hold@example.org','127.0.0.1',1,1795414583158365);
INSERT INTO refused_client VALUES('full-bucket@example.org','127.0.0.1',1,1795414582837612);
INSERT INTO refused_client VALUES('full-edge@example.org','127.0.0.1',1,1795414583843735);
INSERT INTO refused_client VALUES('full-fixed@example.org','127.0.0.1',1,1795414582552007);
INSERT INTO refused_client VALUES('full-moving@example.org','127.0.0.1',1,1795414582428638);
INSERT INTO refused_client VALUES('full-sliding@example.org','127.0.0.1',1,1795414582683477);
INSERT INTO refused_client VALUES('penal@example.org','127.0.0.1',1,1795414583718499);
INSERT INTO refused_client VALUES('spammer@example.org','127.0.0.1',1,1795414583964183);
INSERT INTO refused_client VALUES('worded@example.org','127.0.0.1',1,1795414583335815);
CREATE TABLE traffic (
policy_id INTEGER NOT NULL,
second INTEGER NOT NULL,
messages INTEGER NOT NULL,
refused INTEGER NOT NULL,
PRIMARY KEY (policy_id, second)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic VALUES(5,1795414583,3,0);
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
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('audit',73);
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
CREATE VIEW v_audit AS
SELECT
strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
|| printf('.%03dZ', time / 1000 % 1000) AS time,
uid, user, command, refusal
FROM audit;
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
CREATE VIEW live_bucket AS
WITH
clock (now) AS (
SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
),
piece AS (
SELECT b.limit_id, b.object, b.first, b.last, b.count, b.rest, p.name AS policy,
l.kind, l.pool_id, l.spelling, l.amount, l.period, l.period * 1000000 AS us,
IIF(l.kind = 'penalty', 'moving', p.strategy) AS strategy, c.now
FROM policy_limit l
CROSS JOIN bucket b ON b.limit_id = l.id
JOIN policy p ON p.id = l.policy_id
CROSS JOIN clock c
),
measured AS (
SELECT *,
CASE strategy
WHEN 'sliding' THEN first + 2 * us
WHEN 'fixed' THEN first + us
WHEN 'bucket' THEN IIF(amount = 0, 0x7fffffffffffffff,
CAST(last + (count * us + rest + amount - 1) / amount AS INTEGER))
ELSE last + us
END AS ends,
rest - amount * MAX(0, now - last) AS more
FROM piece
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
amount - 1 - IFNULL(SUM(count) OVER (PARTITION BY limit_id, object
ORDER BY ends DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
AS room
FROM live_bucket
WHERE kind = 'limit'
),
going AS (
SELECT *,
CASE strategy
WHEN 'sliding' THEN
ends - CAST(MIN(us, room * us / MAX(count, 1)) AS INTEGER)
WHEN 'bucket' THEN
CAST(last + ((count - room) * us + rest + amount - 1)
/ MAX(amount, 1) AS INTEGER)
ELSE ends
END AS fits_at
FROM live
),
counter AS (
SELECT policy, object, pool_id, spelling, SUM(used) AS used, amount, period,
CASE WHEN SUM(used) >= amount THEN
MIN(fits_at) FILTER (WHERE room >= 0)
END AS free_at
FROM going
GROUP BY limit_id, object
)
SELECT c.policy, c.object, c.spelling AS "limit", c.used,
strftime('%Y-%m-%dT%H:%M:%S', (c.free_at + 999) / 1000000, 'unixepoch')
|| printf('.%03dZ', (c.free_at + 999) / 1000 % 1000) AS free_at,
c.amount, c.period, o.name AS pool
FROM counter c
LEFT JOIN pool o ON o.id = c.pool_id;
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
COMMIT;
PRAGMA application_id = 1416129907;
PRAGMA user_version = 4;
