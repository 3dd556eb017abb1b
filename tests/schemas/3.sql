-- Schema 3, as themisd of d4065ca75a608a72e71eeafe71daafe646b80281 left it.
-- made 1795414579
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
INSERT INTO member_group VALUES(12,'penal');
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
INSERT INTO member VALUES(12,'full-penal@example.org');
INSERT INTO member VALUES(12,'penal@example.org');
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
INSERT INTO policy VALUES(3,'key-login','yes','regular',20,NULL,0,NULL,0,'login','moving','messages','defer',NULL,'no',NULL,'default','no','yes');
INSERT INTO policy VALUES(4,'key-sender','yes','regular',20,NULL,0,NULL,0,'sender','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(5,'key-sender.','yes','regular',20,NULL,0,NULL,0,'sender+','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(6,'key-client','yes','regular',20,NULL,0,NULL,0,'client','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(7,'key-domain','yes','regular',20,NULL,0,NULL,0,'domain','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(8,'key-domain.','yes','regular',20,NULL,0,NULL,0,'domain+','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(9,'key-recipient','yes','regular',20,NULL,0,NULL,0,'recipient','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(10,'key-recipient-domain','yes','regular',20,NULL,0,NULL,0,'recipient-domain','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(11,'key-policy','yes','regular',20,NULL,0,NULL,0,'policy','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(12,'by-recipients','yes','regular',30,1,0,2,1,'sender+','moving','recipients','block',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(13,'act-monitor','yes','regular',5,6,0,NULL,0,'sender','moving','messages','monitor',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(14,'act-defer','yes','regular',5,7,0,NULL,0,'sender','moving','messages','defer',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(15,'act-block','yes','regular',5,8,0,NULL,0,'sender','moving','messages','block',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(16,'act-hold','yes','regular',5,9,0,NULL,0,'sender','moving','messages','hold',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(17,'act-discard','yes','regular',5,10,0,NULL,0,'sender','moving','messages','discard',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(18,'worded','yes','regular',1,11,0,NULL,0,'sender','moving','messages','block','über {limit} für {object}, 100% sicher','no',NULL,'default','no','no');
INSERT INTO policy VALUES(19,'asleep','no','regular',5,1,1,2,0,'sender+','moving','messages','hold',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(20,'unlimited','yes','regular',40,1,0,NULL,0,'sender+','moving','messages','monitor',NULL,'yes',NULL,'default','no','no');
INSERT INTO policy VALUES(21,'free','yes','bypass',0,3,0,NULL,0,'sender+','moving','messages','monitor',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(22,'free-to','yes','bypass+',0,3,0,2,0,'sender+','moving','messages','monitor',NULL,'no',NULL,'default','no','no');
INSERT INTO policy VALUES(23,'penal','yes','regular',5,12,0,NULL,0,'sender','moving','messages','block',NULL,'no',NULL,'20days','no','no');
INSERT INTO policy VALUES(24,'marks','yes','regular',5,NULL,0,NULL,0,'sender+','moving','messages','monitor',NULL,'no',NULL,'default','yes','no');
INSERT INTO policy VALUES(25,'edge:own','yes','regular',5,NULL,0,NULL,0,'sender','moving','messages','defer',NULL,'no',1,'default','no','no');
CREATE TABLE bucket (
limit_id INTEGER NOT NULL,
object TEXT NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
count INTEGER NOT NULL,
PRIMARY KEY (limit_id, object, first)
) STRICT, WITHOUT ROWID;
INSERT INTO bucket VALUES(1,'full-moving@example.org',1795414575810332,1795414575818225,4);
INSERT INTO bucket VALUES(1,'moving@example.org',1795414575752629,1795414575769861,3);
INSERT INTO bucket VALUES(2,'fixed@example.org',1766016000000000,1795414575902829,3);
INSERT INTO bucket VALUES(2,'full-fixed@example.org',1766016000000000,1795414575952058,4);
INSERT INTO bucket VALUES(3,'jürgen@example.org',1795414576534033,1795414576572558,2);
INSERT INTO bucket VALUES(3,'plain@example.org',1795414576610055,1795414576610055,1);
INSERT INTO bucket VALUES(4,'"quoted local"@example.org',1795414576681308,1795414576681308,1);
INSERT INTO bucket VALUES(4,'<>',1795414576716199,1795414576716199,1);
INSERT INTO bucket VALUES(4,'act-block@example.org',1795414576210552,1795414576210552,1);
INSERT INTO bucket VALUES(4,'act-defer@example.org',1795414576131827,1795414576131827,1);
INSERT INTO bucket VALUES(4,'act-discard@example.org',1795414576379998,1795414576379998,1);
INSERT INTO bucket VALUES(4,'act-hold@example.org',1795414576305464,1795414576305464,1);
INSERT INTO bucket VALUES(4,'act-monitor@example.org',1795414576040157,1795414576092205,2);
INSERT INTO bucket VALUES(4,'fixed@example.org',1795414575893548,1795414575902829,3);
INSERT INTO bucket VALUES(4,'full-fixed@example.org',1795414575937470,1795414575952058,4);
INSERT INTO bucket VALUES(4,'full-moving@example.org',1795414575810332,1795414575818225,4);
INSERT INTO bucket VALUES(4,'jürgen@xn--mller-kva.example',1795414576645791,1795414576645791,1);
INSERT INTO bucket VALUES(4,'mixed.case@example.org',1795414576610055,1795414576610055,1);
INSERT INTO bucket VALUES(4,'moving@example.org',1795414575752629,1795414575769861,3);
INSERT INTO bucket VALUES(4,'office@example.org',1795414576534033,1795414576572558,2);
INSERT INTO bucket VALUES(4,'penal@example.org',1795414576783065,1795414576783065,1);
INSERT INTO bucket VALUES(4,'scored@example.org',1795414576971503,1795414576971503,1);
INSERT INTO bucket VALUES(4,'worded@example.org',1795414576462092,1795414576462092,1);
INSERT INTO bucket VALUES(5,'"quoted local"@example.org',1795414576681308,1795414576681308,1);
INSERT INTO bucket VALUES(5,'<>',1795414576716199,1795414576716199,1);
INSERT INTO bucket VALUES(5,'act-block@example.org',1795414576210552,1795414576210552,1);
INSERT INTO bucket VALUES(5,'act-defer@example.org',1795414576131827,1795414576131827,1);
INSERT INTO bucket VALUES(5,'act-discard@example.org',1795414576379998,1795414576379998,1);
INSERT INTO bucket VALUES(5,'act-hold@example.org',1795414576305464,1795414576305464,1);
INSERT INTO bucket VALUES(5,'act-monitor@example.org',1795414576040157,1795414576092205,2);
INSERT INTO bucket VALUES(5,'fixed@example.org',1795414575893548,1795414575902829,3);
INSERT INTO bucket VALUES(5,'full-fixed@example.org',1795414575937470,1795414575952058,4);
INSERT INTO bucket VALUES(5,'full-moving@example.org',1795414575810332,1795414575818225,4);
INSERT INTO bucket VALUES(5,'jürgen@example.org',1795414576534033,1795414576572558,2);
INSERT INTO bucket VALUES(5,'jürgen@xn--mller-kva.example',1795414576645791,1795414576645791,1);
INSERT INTO bucket VALUES(5,'moving@example.org',1795414575752629,1795414575769861,3);
INSERT INTO bucket VALUES(5,'penal@example.org',1795414576783065,1795414576783065,1);
INSERT INTO bucket VALUES(5,'plain@example.org',1795414576610055,1795414576610055,1);
INSERT INTO bucket VALUES(5,'scored@example.org',1795414576971503,1795414576971503,1);
INSERT INTO bucket VALUES(5,'worded@example.org',1795414576462092,1795414576462092,1);
INSERT INTO bucket VALUES(6,'127.0.0.1',1795414575752629,1795414576971503,27);
INSERT INTO bucket VALUES(6,'192.0.2.7',1795414576534033,1795414576534033,1);
INSERT INTO bucket VALUES(6,'2001:db8:1::/56',1795414576572558,1795414576572558,1);
INSERT INTO bucket VALUES(7,'<>',1795414576716199,1795414576716199,1);
INSERT INTO bucket VALUES(7,'@example.org',1795414575752629,1795414576971503,27);
INSERT INTO bucket VALUES(7,'@xn--mller-kva.example',1795414576645791,1795414576645791,1);
INSERT INTO bucket VALUES(8,'<>',1795414576716199,1795414576716199,1);
INSERT INTO bucket VALUES(8,'@example.org',1795414575752629,1795414576971503,27);
INSERT INTO bucket VALUES(8,'@xn--mller-kva.example',1795414576645791,1795414576645791,1);
INSERT INTO bucket VALUES(9,'one@list.example',1795414576572558,1795414576572558,1);
INSERT INTO bucket VALUES(9,'recipient@example.net',1795414575752629,1795414576971503,28);
INSERT INTO bucket VALUES(9,'two@list.example',1795414576572558,1795414576572558,1);
INSERT INTO bucket VALUES(9,'user@other.example',1795414576572558,1795414576572558,1);
INSERT INTO bucket VALUES(10,'@example.net',1795414575752629,1795414576971503,28);
INSERT INTO bucket VALUES(10,'@list.example',1795414576572558,1795414576572558,1);
INSERT INTO bucket VALUES(10,'@other.example',1795414576572558,1795414576572558,1);
INSERT INTO bucket VALUES(11,'*',1795414575752629,1795414576971503,29);
INSERT INTO bucket VALUES(13,'jürgen@example.org',1795414576534033,1795414576572558,2);
INSERT INTO bucket VALUES(13,'plain@example.org',1795414576610055,1795414576610055,1);
INSERT INTO bucket VALUES(14,'"quoted local"@example.org',1795414576681308,1795414576681308,1);
INSERT INTO bucket VALUES(14,'act-block@example.org',1795414576210552,1795414576210552,1);
INSERT INTO bucket VALUES(14,'act-defer@example.org',1795414576131827,1795414576131827,1);
INSERT INTO bucket VALUES(14,'act-discard@example.org',1795414576379998,1795414576379998,1);
INSERT INTO bucket VALUES(14,'act-hold@example.org',1795414576305464,1795414576305464,1);
INSERT INTO bucket VALUES(14,'act-monitor@example.org',1795414576040157,1795414576092205,2);
INSERT INTO bucket VALUES(14,'fixed@example.org',1795414575893548,1795414575902829,3);
INSERT INTO bucket VALUES(14,'full-fixed@example.org',1795414575937470,1795414575952058,4);
INSERT INTO bucket VALUES(14,'full-moving@example.org',1795414575810332,1795414575818225,4);
INSERT INTO bucket VALUES(14,'jürgen@example.org',1795414576534033,1795414576572558,2);
INSERT INTO bucket VALUES(14,'jürgen@xn--mller-kva.example',1795414576645791,1795414576645791,1);
INSERT INTO bucket VALUES(14,'moving@example.org',1795414575752629,1795414575769861,3);
INSERT INTO bucket VALUES(14,'penal@example.org',1795414576783065,1795414576783065,1);
INSERT INTO bucket VALUES(14,'plain@example.org',1795414576610055,1795414576610055,1);
INSERT INTO bucket VALUES(14,'scored@example.org',1795414576971503,1795414576971503,1);
INSERT INTO bucket VALUES(14,'worded@example.org',1795414576462092,1795414576462092,1);
INSERT INTO bucket VALUES(15,'act-monitor@example.org',1795414576040157,1795414576040157,1);
INSERT INTO bucket VALUES(16,'act-defer@example.org',1795414576131827,1795414576131827,1);
INSERT INTO bucket VALUES(17,'act-block@example.org',1795414576210552,1795414576210552,1);
INSERT INTO bucket VALUES(18,'act-hold@example.org',1795414576305464,1795414576305464,1);
INSERT INTO bucket VALUES(19,'act-discard@example.org',1795414576379998,1795414576379998,1);
INSERT INTO bucket VALUES(20,'worded@example.org',1795414576462092,1795414576462092,1);
INSERT INTO bucket VALUES(42,'"quoted local"@example.org',1795414576681308,1795414576681308,1);
INSERT INTO bucket VALUES(42,'act-block@example.org',1795414576210552,1795414576210552,1);
INSERT INTO bucket VALUES(42,'act-defer@example.org',1795414576131827,1795414576131827,1);
INSERT INTO bucket VALUES(42,'act-discard@example.org',1795414576379998,1795414576379998,1);
INSERT INTO bucket VALUES(42,'act-hold@example.org',1795414576305464,1795414576305464,1);
INSERT INTO bucket VALUES(42,'act-monitor@example.org',1795414576040157,1795414576092205,2);
INSERT INTO bucket VALUES(42,'fixed@example.org',1795414575893548,1795414575902829,3);
INSERT INTO bucket VALUES(42,'full-fixed@example.org',1795414575937470,1795414575952058,4);
INSERT INTO bucket VALUES(42,'full-moving@example.org',1795414575810332,1795414575818225,4);
INSERT INTO bucket VALUES(42,'jürgen@example.org',1795414576534033,1795414576572558,2);
INSERT INTO bucket VALUES(42,'jürgen@xn--mller-kva.example',1795414576645791,1795414576645791,1);
INSERT INTO bucket VALUES(42,'moving@example.org',1795414575752629,1795414575769861,3);
INSERT INTO bucket VALUES(42,'penal@example.org',1795414576783065,1795414576783065,1);
INSERT INTO bucket VALUES(42,'plain@example.org',1795414576610055,1795414576610055,1);
INSERT INTO bucket VALUES(42,'scored@example.org',1795414576971503,1795414576971503,1);
INSERT INTO bucket VALUES(42,'worded@example.org',1795414576462092,1795414576462092,1);
INSERT INTO bucket VALUES(46,'penal@example.org',1795414576783065,1795414576783065,1);
INSERT INTO bucket VALUES(47,'penal@example.org',1795414576816450,1795414576816450,1);
INSERT INTO bucket VALUES(93,'127.0.0.1',1795414576862243,1795414576905233,5);
INSERT INTO bucket VALUES(96,'@example.org',1795414576862243,1795414576905233,5);
INSERT INTO bucket VALUES(99,'@example.org',1795414576862243,1795414576905233,5);
INSERT INTO bucket VALUES(108,'*',1795414576862243,1795414576905233,5);
INSERT INTO bucket VALUES(111,'recipient@example.net',1795414576862243,1795414576905233,5);
INSERT INTO bucket VALUES(114,'@example.net',1795414576862243,1795414576905233,5);
INSERT INTO bucket VALUES(117,'edge@example.org',1795414576862243,1795414576865277,2);
INSERT INTO bucket VALUES(117,'full-edge@example.org',1795414576899054,1795414576905233,3);
INSERT INTO bucket VALUES(120,'edge@example.org',1795414576862243,1795414576865277,2);
INSERT INTO bucket VALUES(120,'full-edge@example.org',1795414576899054,1795414576905233,3);
INSERT INTO bucket VALUES(123,'edge@example.org',1795414576862243,1795414576865277,2);
INSERT INTO bucket VALUES(123,'full-edge@example.org',1795414576899054,1795414576905233,3);
INSERT INTO bucket VALUES(126,'edge@example.org',1795414576862243,1795414576865277,2);
INSERT INTO bucket VALUES(126,'full-edge@example.org',1795414576899054,1795414576905233,3);
INSERT INTO bucket VALUES(128,'edge@example.org',1795414576862243,1795414576865277,2);
INSERT INTO bucket VALUES(128,'full-edge@example.org',1795414576899054,1795414576905233,3);
INSERT INTO bucket VALUES(130,'full-edge@example.org',1795414576939427,1795414576939427,1);
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
INSERT INTO decision VALUES(1,1795414575752629,'B774CA82A5B','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(2,1795414575756376,'B84BFA8209A','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(3,1795414575769861,'BB439A82A5C','accept','marks',NULL,NULL,'moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(4,1795414575810332,'C5A17A8207B','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(5,1795414575813708,'C66ABA8207B','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(6,1795414575816081,'C7102A8209A','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(7,1795414575818225,'C7998A8207B','accept','marks',NULL,NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(8,1795414575854206,'D051EA8207B','defer','moving','full-moving@example.org',NULL,'full-moving@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 4/year reached for full-moving@example.org, room again in 365 days',1826950575818225);
INSERT INTO decision VALUES(9,1795414575893548,'D9C17A8207B','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(10,1795414575897959,'DB08EA8207B','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(11,1795414575902829,'DC327A8209A','accept','fixed','fixed@example.org',NULL,'fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(12,1795414575937470,'E4ADAA8207B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(13,1795414575940753,'E5657A8209A','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(14,1795414575949090,'E73B2A8207B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(15,1795414575952058,'E83EFA8207B','accept','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(16,1795414575994811,'F295AA8207B','defer','fixed','full-fixed@example.org',NULL,'full-fixed@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 4/year reached for full-fixed@example.org, room again in 25 days',1797552000000000);
INSERT INTO decision VALUES(17,1795414576040157,'09995A82A5E','accept','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(18,1795414576092205,'164F7A82088','monitor','act-monitor','act-monitor@example.org',NULL,'act-monitor@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-monitor@example.org, room again in 365 days',1826950576040157);
INSERT INTO decision VALUES(19,1795414576131827,'1FF00A82088','accept','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(20,1795414576169890,'2937BA82088','defer','act-defer','act-defer@example.org',NULL,'act-defer@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-defer@example.org, room again in 365 days',1826950576131827);
INSERT INTO decision VALUES(21,1795414576210552,'33320A82088','accept','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(22,1795414576247255,'3C221A82088','block','act-block','act-block@example.org',NULL,'act-block@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-block@example.org, room again in 365 days',1826950576210552);
INSERT INTO decision VALUES(23,1795414576305464,'4A555A82088','accept','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(24,1795414576342448,'535CEA82088','hold','act-hold','act-hold@example.org',NULL,'act-hold@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-hold@example.org, room again in 365 days',1826950576305464);
INSERT INTO decision VALUES(25,1795414576379998,'5C91BA829EA','accept','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(26,1795414576428587,'685E0A829EA','discard','act-discard','act-discard@example.org',NULL,'act-discard@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for act-discard@example.org, room again in 365 days',1826950576379998);
INSERT INTO decision VALUES(27,1795414576462092,'709B7A829EA','accept','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(28,1795414576498977,'79958A829EA','block','worded','worded@example.org',NULL,'worded@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/10months reached for worded@example.org, room again in 300 days',1821334576462092);
INSERT INTO decision VALUES(29,1795414576534033,'822C6A829EA','accept','marks',NULL,'jürgen@example.org','office@example.org','192.0.2.7','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(30,1795414576572558,'8B594A829EA','accept','marks',NULL,'jürgen@example.org','office@example.org','2001:db8:1:2::7','mx.themis.test',3,NULL,NULL,NULL);
INSERT INTO decision VALUES(31,1795414576610055,'94AA8A829EA','accept','marks',NULL,'plain@example.org','mixed.case@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(32,1795414576645791,'9D70EA829EA','accept','marks',NULL,NULL,'jürgen@xn--mller-kva.example','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(33,1795414576681308,'A6130A829EA','accept','marks',NULL,NULL,'"quoted local"@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(34,1795414576716199,'AEA8FA829EA','accept','marks',NULL,NULL,'<>','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(35,1795414576748544,'B68B0A829EA','bypass','free',NULL,NULL,'probe@example.org','203.0.113.5','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(36,1795414576783065,'BEFBCA829EA','accept','marks',NULL,NULL,'penal@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(37,1795414576816450,'C71A1A8207C','block','penal','penal@example.org',NULL,'penal@example.org','127.0.0.1','mx.themis.test',1,NULL,'Message limit 1/year reached for penal@example.org, room again in 365 days',1826950576783065);
INSERT INTO decision VALUES(38,1795414576862243,'D2419A829EA','accept','edge:own','edge@example.org',NULL,'edge@example.org','127.0.0.1','edge.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(39,1795414576865277,'D30B5A829EB','accept','edge:own','edge@example.org',NULL,'edge@example.org','127.0.0.1','edge.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(40,1795414576899054,'DB46CA829EA','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(41,1795414576902453,'DC108A829EB','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(42,1795414576905233,'DCD13A829EA','accept','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(43,1795414576939427,'E51E5A829EA','defer','edge:own','full-edge@example.org',NULL,'full-edge@example.org','127.0.0.1','edge.themis.test',1,NULL,'Message limit 3/year reached for full-edge@example.org, room again in 365 days',1826950576905233);
INSERT INTO decision VALUES(44,1795414576971503,'ECEA0A829EA','accept','marks',NULL,NULL,'scored@example.org','127.0.0.1','mx.themis.test',1,NULL,NULL,NULL);
INSERT INTO decision VALUES(45,1795414577045293,'0AD83A82A5F','block',NULL,'spammer@example.org',NULL,'spammer@example.org','127.0.0.1','mx.themis.test',1,NULL,'spammer@example.org is blocked by hand',NULL);
INSERT INTO decision VALUES(46,1795414577080889,'1388FA82A5F','bypass',NULL,'198.51.100.9',NULL,'any@other.example','198.51.100.9','mx.themis.test',1,NULL,'198.51.100.9 is bypassed by hand',NULL);
CREATE TABLE audit (
id INTEGER PRIMARY KEY AUTOINCREMENT,
time INTEGER NOT NULL,
uid INTEGER NOT NULL,
user TEXT NOT NULL,
command TEXT NOT NULL
, refusal TEXT) STRICT;
INSERT INTO audit VALUES(1,1795414575299340,0,'root','group add staff @example.org ''@müller.example'' user@other.example 192.0.2.0/24 2001:db8:1::/48',NULL);
INSERT INTO audit VALUES(2,1795414575305562,0,'root','group add many one@list.example two@list.example three@list.example',NULL);
INSERT INTO audit VALUES(3,1795414575309620,0,'root','group add trusted 203.0.113.0/28',NULL);
INSERT INTO audit VALUES(4,1795414575314204,0,'root','group add moving moving@example.org full-moving@example.org',NULL);
INSERT INTO audit VALUES(5,1795414575319117,0,'root','policy add moving source=moving destination=any key=sender limit=4/year strategy=moving action=defer',NULL);
INSERT INTO audit VALUES(6,1795414575323742,0,'root','group add fixed fixed@example.org full-fixed@example.org',NULL);
INSERT INTO audit VALUES(7,1795414575328723,0,'root','policy add fixed source=fixed destination=any key=sender limit=4/year strategy=fixed action=defer',NULL);
INSERT INTO audit VALUES(8,1795414575336135,0,'root','policy add key-login source=any destination=any key=login limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(9,1795414575343902,0,'root','policy add key-sender source=any destination=any key=sender limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(10,1795414575352041,0,'root','policy add key-sender. source=any destination=any key=sender+ limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(11,1795414575359458,0,'root','policy add key-client source=any destination=any key=client limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(12,1795414575367233,0,'root','policy add key-domain source=any destination=any key=domain limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(13,1795414575374731,0,'root','policy add key-domain. source=any destination=any key=domain+ limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(14,1795414575382946,0,'root','policy add key-recipient source=any destination=any key=recipient limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(15,1795414575390386,0,'root','policy add key-recipient-domain source=any destination=any key=recipient-domain limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(16,1795414575397398,0,'root','policy add key-policy source=any destination=any key=policy limit=1000/year action=defer priority=20',NULL);
INSERT INTO audit VALUES(17,1795414575402919,0,'root','policy set key-login limit=1000/year,5000/10years',NULL);
INSERT INTO audit VALUES(18,1795414575407876,0,'root','policy add by-recipients source=staff destination=!many key=sender+ limit=900000/year count=recipients action=block priority=30',NULL);
INSERT INTO audit VALUES(19,1795414575413796,0,'root','group add act-monitor act-monitor@example.org full-act-monitor@example.org',NULL);
INSERT INTO audit VALUES(20,1795414575419265,0,'root','policy add act-monitor source=act-monitor destination=any key=sender limit=1/year action=monitor',NULL);
INSERT INTO audit VALUES(21,1795414575424532,0,'root','group add act-defer act-defer@example.org full-act-defer@example.org',NULL);
INSERT INTO audit VALUES(22,1795414575430007,0,'root','policy add act-defer source=act-defer destination=any key=sender limit=1/year action=defer',NULL);
INSERT INTO audit VALUES(23,1795414575435463,0,'root','group add act-block act-block@example.org full-act-block@example.org',NULL);
INSERT INTO audit VALUES(24,1795414575441179,0,'root','policy add act-block source=act-block destination=any key=sender limit=1/year action=block',NULL);
INSERT INTO audit VALUES(25,1795414575447049,0,'root','group add act-hold act-hold@example.org full-act-hold@example.org',NULL);
INSERT INTO audit VALUES(26,1795414575453195,0,'root','policy add act-hold source=act-hold destination=any key=sender limit=1/year action=hold',NULL);
INSERT INTO audit VALUES(27,1795414575458983,0,'root','group add act-discard act-discard@example.org full-act-discard@example.org',NULL);
INSERT INTO audit VALUES(28,1795414575464423,0,'root','policy add act-discard source=act-discard destination=any key=sender limit=1/year action=discard',NULL);
INSERT INTO audit VALUES(29,1795414575469520,0,'root','group add worded worded@example.org full-worded@example.org',NULL);
INSERT INTO audit VALUES(30,1795414575474876,0,'root','policy add worded source=worded destination=any key=sender limit=1/300days action=block priority=1 ''reply=über {limit} für {object}, 100% sicher''',NULL);
INSERT INTO audit VALUES(31,1795414575480051,0,'root','policy add asleep enabled=no source=!staff destination=many limit=7/day action=hold',NULL);
INSERT INTO audit VALUES(32,1795414575485941,0,'root','policy add unlimited source=staff destination=any priority=40',NULL);
INSERT INTO audit VALUES(33,1795414575491284,0,'root','setting set history_days 90',NULL);
INSERT INTO audit VALUES(34,1795414575496925,0,'root','setting set ipv6_prefix 56',NULL);
INSERT INTO audit VALUES(35,1795414575502823,0,'root','setting set login_realm example.org',NULL);
INSERT INTO audit VALUES(36,1795414575507886,0,'root','setting set null_sender count',NULL);
INSERT INTO audit VALUES(37,1795414575513555,0,'root','setting set on_error tempfail',NULL);
INSERT INTO audit VALUES(38,1795414575519192,0,'root','setting set default_limit 800/year',NULL);
INSERT INTO audit VALUES(39,1795414575525107,0,'root','policy set unlimited stop=yes',NULL);
INSERT INTO audit VALUES(40,1795414575530837,0,'root','policy add free type=bypass source=trusted destination=any priority=0',NULL);
INSERT INTO audit VALUES(41,1795414575537105,0,'root','policy add free-to type=bypass+ source=trusted destination=many priority=0',NULL);
INSERT INTO audit VALUES(42,1795414575542847,0,'root','group add penal penal@example.org full-penal@example.org',NULL);
INSERT INTO audit VALUES(43,1795414575548930,0,'root','policy add penal source=penal destination=any key=sender limit=1/year action=block penalty=20d',NULL);
INSERT INTO audit VALUES(44,1795414575554680,0,'root','policy add marks source=any destination=any only-headers=yes',NULL);
INSERT INTO audit VALUES(45,1795414575561217,0,'root','header add marks X-Score ''/(9[6-9]|100).*/'' X-Flag YES X-Said ''so it is: $1''',NULL);
INSERT INTO audit VALUES(46,1795414575566582,0,'root','header add marks Subject ''/it''\''''s naïve/i'' X-Naive yes',NULL);
INSERT INTO audit VALUES(47,1795414575577541,0,'root','policy set key-login rate-stats=yes',NULL);
INSERT INTO audit VALUES(48,1795414575583475,0,'root','pool add edge edge.themis.test mx9.themis.test',NULL);
INSERT INTO audit VALUES(49,1795414575589215,0,'root','pool add idle mx8.themis.test',NULL);
INSERT INTO audit VALUES(50,1795414575595506,0,'root','setting set pool_counters yes',NULL);
INSERT INTO audit VALUES(51,1795414575604744,0,'root','setting set pool_fallback yes',NULL);
INSERT INTO audit VALUES(52,1795414575613885,0,'root','policy add edge:own source=any destination=any key=sender limit=3/year action=defer',NULL);
INSERT INTO audit VALUES(53,1795414575623164,0,'root','setting set default_penalty 2h pool=edge',NULL);
INSERT INTO audit VALUES(54,1795414575629411,0,'root','setting set stats_days 60',NULL);
INSERT INTO audit VALUES(55,1795414575634628,0,'root','setting set reject_early never',NULL);
INSERT INTO audit VALUES(56,1795414575641918,0,'root','policy add short source=any destination=any limit=5/hour',NULL);
INSERT INTO audit VALUES(57,1795414575648164,0,'root','policy rename short shorter',NULL);
INSERT INTO audit VALUES(58,1795414575653603,0,'root','policy delete shorter',NULL);
INSERT INTO audit VALUES(59,1795414575659525,0,'root','policy disable key-client',NULL);
INSERT INTO audit VALUES(60,1795414575665514,0,'root','policy enable key-client',NULL);
INSERT INTO audit VALUES(61,1795414575674337,0,'root','group add brief a@brief.example b@brief.example',NULL);
INSERT INTO audit VALUES(62,1795414575681399,0,'root','group remove brief a@brief.example',NULL);
INSERT INTO audit VALUES(63,1795414575687332,0,'root','group delete brief',NULL);
INSERT INTO audit VALUES(64,1795414576979083,0,'root','object block spammer@example.org because ''his password''\''''s known''',NULL);
INSERT INTO audit VALUES(65,1795414576989340,0,'root','object block late@example.org for 300d because ''until he pays''',NULL);
INSERT INTO audit VALUES(66,1795414577004972,0,'root','object bypass <>',NULL);
INSERT INTO audit VALUES(67,1795414577010752,0,'root','object bypass 198.51.100.9 for 200d',NULL);
INSERT INTO audit VALUES(68,1795414577090493,65534,'nobody','policy delete key-client','user nobody may look, but not change anything');
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
INSERT INTO policy_limit VALUES(3,3,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(4,4,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(5,5,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(6,6,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(7,7,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(8,8,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(9,9,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(10,10,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(11,11,0,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(13,3,0,'limit',315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(14,12,0,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(15,13,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(16,14,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(17,15,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(18,16,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(19,17,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(20,18,0,'limit',25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(21,19,0,'limit',86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(42,20,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(44,21,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(45,22,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(46,23,0,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(47,23,0,'penalty',1728000,1,'1/20days',0);
INSERT INTO policy_limit VALUES(48,24,0,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(52,21,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(53,21,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(55,22,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(56,22,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(58,18,1,'limit',25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(59,18,2,'limit',25920000,1,'1/10months',0);
INSERT INTO policy_limit VALUES(61,15,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(62,15,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(64,14,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(65,14,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(67,17,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(68,17,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(70,16,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(71,16,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(73,13,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(74,13,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(76,19,1,'limit',86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(77,19,2,'limit',86400,7,'7/day',0);
INSERT INTO policy_limit VALUES(79,2,1,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(80,2,2,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(82,24,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(83,24,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(85,1,1,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(86,1,2,'limit',31536000,4,'4/year',0);
INSERT INTO policy_limit VALUES(88,23,1,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(89,23,1,'penalty',1728000,1,'1/20days',0);
INSERT INTO policy_limit VALUES(90,23,2,'limit',31536000,1,'1/year',0);
INSERT INTO policy_limit VALUES(91,23,2,'penalty',1728000,1,'1/20days',0);
INSERT INTO policy_limit VALUES(93,6,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(94,6,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(96,7,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(97,7,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(99,8,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(100,8,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(103,3,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(104,3,1,'limit',315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(105,3,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(106,3,2,'limit',315360000,5000,'5000/10years',0);
INSERT INTO policy_limit VALUES(108,11,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(109,11,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(111,9,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(112,9,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(114,10,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(115,10,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(117,4,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(118,4,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(120,5,1,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(121,5,2,'limit',31536000,1000,'1000/year',0);
INSERT INTO policy_limit VALUES(123,12,1,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(124,12,2,'limit',31536000,900000,'900000/year',0);
INSERT INTO policy_limit VALUES(126,20,1,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(127,20,2,'limit',31536000,800,'800/year',1);
INSERT INTO policy_limit VALUES(128,25,0,'limit',31536000,3,'3/year',0);
INSERT INTO policy_limit VALUES(130,25,0,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(133,21,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(137,22,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(141,18,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(145,15,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(149,14,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(153,17,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(157,16,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(161,13,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(165,19,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(169,2,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(173,24,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(177,1,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(184,6,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(188,7,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(192,8,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(198,3,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(203,11,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(207,9,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(211,10,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(215,4,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(219,5,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(223,12,1,'penalty',7200,1,'1/2hours',0);
INSERT INTO policy_limit VALUES(227,20,1,'penalty',7200,1,'1/2hours',0);
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
INSERT INTO object_flag VALUES('198.51.100.9','bypass',1812694577010623,NULL,1795414577010623,'root');
INSERT INTO object_flag VALUES('<>','bypass',NULL,NULL,1795414577004798,'root');
INSERT INTO object_flag VALUES('late@example.org','block',1821334576989181,'until he pays',1795414576989181,'root');
INSERT INTO object_flag VALUES('spammer@example.org','block',NULL,'his password''s known',1795414576978881,'root');
CREATE TABLE refusal (
object TEXT NOT NULL,
policy_id INTEGER NOT NULL,
refused INTEGER NOT NULL,
first INTEGER NOT NULL,
last INTEGER NOT NULL,
PRIMARY KEY (object, policy_id)
) STRICT, WITHOUT ROWID;
INSERT INTO refusal VALUES('act-block@example.org',15,1,1795414576247255,1795414576247255);
INSERT INTO refusal VALUES('act-defer@example.org',14,1,1795414576169890,1795414576169890);
INSERT INTO refusal VALUES('act-discard@example.org',17,1,1795414576428587,1795414576428587);
INSERT INTO refusal VALUES('act-hold@example.org',16,1,1795414576342448,1795414576342448);
INSERT INTO refusal VALUES('full-edge@example.org',25,1,1795414576939427,1795414576939427);
INSERT INTO refusal VALUES('full-fixed@example.org',2,1,1795414575994811,1795414575994811);
INSERT INTO refusal VALUES('full-moving@example.org',1,1,1795414575854206,1795414575854206);
INSERT INTO refusal VALUES('penal@example.org',23,1,1795414576816450,1795414576816450);
INSERT INTO refusal VALUES('spammer@example.org',0,1,1795414577045293,1795414577045293);
INSERT INTO refusal VALUES('worded@example.org',18,1,1795414576498977,1795414576498977);
CREATE TABLE refused_client (
object TEXT NOT NULL,
client TEXT NOT NULL,
refused INTEGER NOT NULL,
last INTEGER NOT NULL,
PRIMARY KEY (object, client)
) STRICT, WITHOUT ROWID;
INSERT INTO refused_client VALUES('act-block@example.org','127.0.0.1',1,1795414576247255);
INSERT INTO refused_client VALUES('act-defer@example.org','127.0.0.1',1,1795414576169890);
INSERT INTO refused_client VALUES('act-discard@example.org','127.0.0.1',1,1795414576428587);
INSERT INTO refused_client VALUES('act-hold@example.org','127.0.0.1',1,1795414576342448);
INSERT INTO refused_client VALUES('full-edge@example.org','127.0.0.1',1,1795414576939427);
INSERT INTO refused_client VALUES('full-fixed@example.org','127.0.0.1',1,1795414575994811);
INSERT INTO refused_client VALUES('full-moving@example.org','127.0.0.1',1,1795414575854206);
INSERT INTO refused_client VALUES('penal@example.org','127.0.0.1',1,1795414576816450);
INSERT INTO refused_client VALUES('spammer@example.org','127.0.0.1',1,1795414577045293);
INSERT INTO refused_client VALUES('worded@example.org','127.0.0.1',1,1795414576498977);
CREATE TABLE traffic (
policy_id INTEGER NOT NULL,
second INTEGER NOT NULL,
messages INTEGER NOT NULL,
refused INTEGER NOT NULL,
PRIMARY KEY (policy_id, second)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic VALUES(3,1795414576,3,0);
CREATE TABLE header_rule (
id INTEGER PRIMARY KEY,
policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
header TEXT NOT NULL COLLATE NOCASE,
regex TEXT NOT NULL,
UNIQUE (policy_id, header, regex)
) STRICT;
INSERT INTO header_rule VALUES(1,24,'X-Score','/(9[6-9]|100).*/');
INSERT INTO header_rule VALUES(2,24,'Subject','/it''s naïve/i');
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
INSERT INTO sqlite_sequence VALUES('audit',68);
INSERT INTO sqlite_sequence VALUES('policy',26);
INSERT INTO sqlite_sequence VALUES('policy_limit',241);
INSERT INTO sqlite_sequence VALUES('pool',2);
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
strftime('%Y-%m-%dT%H:%M:%S', (free_at + 999) / 1000000, 'unixepoch')
|| printf('.%03dZ', (free_at + 999) / 1000 % 1000) AS free_at,
amount, period, pool
FROM counter;
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
COMMIT;
PRAGMA application_id = 1416129907;
PRAGMA user_version = 3;
