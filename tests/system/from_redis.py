# SPDX-License-Identifier: Apache-2.0
"""Fills a Redis with what the Themis in Python writes into it.

    python3 from_redis.py SOCKET guide|plain|hostile|oldest|newest

The forms are those of its own program: its client of Redis writes truth values, lists and
dictionaries of a hash with Python 2's marshal.dumps() and everything else as text; sets of
members, hosts and keys as they are; policies in sorted sets, with their priority as the
score.  Python 3 writes the same with version 2 of the format, if texts are octets; strings
that come twice (t, then R) are written out here, as Python 2 has it for short ones.
"""

import marshal
import sys

import redis

r = redis.Redis(unix_socket_path=sys.argv[1])


def m(value):
    return marshal.dumps(value, 2)


def interned(*pairs):
    """A list of tuples of two strings, each string that comes again as a reference."""
    seen, out = [], b"[" + len(pairs).to_bytes(4, "little")
    for pair in pairs:
        out += b"(" + len(pair).to_bytes(4, "little")
        for word in pair:
            if word in seen:
                out += b"R" + seen.index(word).to_bytes(4, "little")
            else:
                seen.append(word)
                out += b"t" + len(word).to_bytes(4, "little") + word
    return out


def group(name, members=(), networks=()):
    """Networks in a set of their own since 0.1.2; before, all in the first."""
    r.sadd("list:groups", "group:" + name)
    if members:
        r.sadd("group:" + name, *members)
    if networks:
        r.sadd("groupip:" + name, *networks)


def pool(name, *hosts):
    r.sadd("pool:" + name, *hosts)
    r.sadd("list:pools", "pool:" + name)


def policy(name, source="any", destination="any", score=5, **more):
    """With the defaults of policy add; the priority counts as the list has it."""
    fields = {"policy_name": name, "source": source, "destination": destination,
              "enable": m(True), "type": "regular", "priority": score, "jailby": "Sender+",
              "jailspec": m([(b"0", b"0")]), "jailaction": "monitor",
              "replydata": "Limit reached. Blocking for %s second(s)",
              "countsentprobation": "1", "countrcpt": m(False), "stophere": m(False),
              "requestsmon": m(False), "subjectprobation": "0.5", "ipprobation": "0.5",
              "blockprobation": "0.5", "actionheaders": m({}), "onlyheaders": m(False),
              "spf": m(False)}
    fields.update(more)
    r.hset("policy:" + name, mapping=fields)
    owner = name.rpartition(":")[0]
    r.zadd("list:policies" + (":" + owner if owner else ""), {"policy:" + name: score})


def features(name="global", **more):
    """Those of its configuration file, as features add copies them."""
    fields = {"global_namespace": "AI", "global_ttl": "86400",
              "policiesByServerPoolFeature": m(True), "featuresByServerPool": m(False),
              "messagesBySecFeature": m(True), "messagesBySecStoreDays": "1",
              "feederFeaturesEnabled": m(False), "fallbackToNonPoolPolicies": m(False),
              "learnFeature": m(False), "learnTimeFrameValue": interned((b"1", b"1")),
              "learnPredictSafeValue": "30.0", "spfStrictRejectFeature": m(False),
              "rateReputationFeature": m(False), "ipReputationHitValue": "4",
              "global_conditions": m([[720, 500]]), "global_custom_block": "0"}
    fields.update(more)
    r.hset("config:themis:features:" + name, mapping=fields)


def flag(key, block=False, bypass=False):
    r.hset(key, mapping={"manual_block": m(block), "bypass": m(bypass), "last_subject": "hello",
                         "learningBlueMode": m(True), "predictBy": "BLUE", "block_count": "0"})


def plain():
    group("staff", ("@example.org", "bob@broken_sasl.tld", "a_b@ex.example"),
          ("192.0.2.7/32", "198.51.100.9/24", "2001:db8::/32"))
    group("partners", ("@example.net", "carol@example.com"))
    pool("mx", "mx1.example.org", "mx2.example.org")
    features(fallbackToNonPoolPolicies=m(True), global_custom_block="2")
    policy("out", "staff", jailby="SASLUsername", jailspec=interned((b"3", b"3600"), (b"9", b"86400")),
           jailaction="block", score=3)
    policy("twice", "!staff", "partners", jailspec=interned((b"60", b"60"), (b"5", b"60")),
           jailaction="hold", countrcpt=m(True), stophere=m(True), requestsmon=m(True),
           spf=m(True), ipprobation="2.0")
    policy("rest", jailby="SenderIP", score=9, enable=m(False))
    policy("mx:in", jailby="SenderDomain", jailspec=m([(b"0", b"10")]), jailaction="block",
           actionheaders=m({b"X-Score": [b"(9[6-8]|100).*", (b"X-Spam-Flag", b"YES $5")]}))
    policy("free", "partners", type="bypass", score=1)
    flag("AI:metadata:bob@example.org", block=True)
    flag("AI:metadata:192.0.2.99", bypass=True)
    flag("AI:metadata:quiet@example.org")
    r.lpush("rate:SASLUsername:bob@example.org", "1429500000.1")
    r.set("block:Sender+:eve@example.org", "1")
    r.hset("requestsbysec:global", "second:7", "1")
    r.zadd("AI:subjectReputationFeature:groupby", {"bob@example.org": 2})
    r.set("session:of-another-program", "x")


def hostile():
    """What the old one would not have written, but somebody may have."""
    nasty = "x\ngroup delete staff\r\u2028\u202eend"
    group("staff", ("@example.org", "it's", nasty, b"\xff\xfe@example.org", "a..b@example.org",
                    "sandro@", "blank@mailfrom.tld", "@broken_sasl.tld", "any",
                    "\"q q\"@example.org", "müller@example.org", "x" * 70000), ("192.0.2.0/33", "fe80::1%eth0/128"))
    group("all", ("@example.org",))
    group(nasty, ("@example.org",))
    group("gone", ("no member",))
    group("company", ("@example.com",))
    group("big", [f"user{i}@example.org" for i in range(3000)])
    r.sadd("list:groups", "group:empty")
    pool("mx", "mx1.example.org", "host name", nasty)
    pool("my", "mx1.example.org")
    r.sadd("pool:unlisted", "mx9.example.org")
    features(featuresByServerPool=m(True), global_conditions=m([[1, 2, 3]]), messagesBySecStoreDays="many",
             surprise=nasty)
    features("own", global_conditions=m([[7, 3600]]), global_custom_block="1")
    features("mx", global_conditions=m([[8, 3600]]))
    policy("own", replydata="50%% of {what} in %s", jailaction="block")
    policy("noreply", replydata="It's \"over\" \\ $x `y` !", jailaction="block", jailspec=m([(b"5", b"0")]))
    policy("nasty", replydata=nasty, jailaction="block")
    policy("quotes", replydata="it's \\ over %d", jailspec=b"4:60;5:120", score=6)
    policy("company", "company")
    policy("broken", jailspec=b"[\x05\0\0\0(")
    policy("deep", jailspec=b"[\x01\0\0\0" * 5000)
    policy("unit", jailspec=m([(b"1d", b"60")]))
    policy("huge", jailspec=m([(b"9" * 400, b"60")]))
    policy("floating", jailspec=m([(1e400, 60)]), score=2)
    policy("late", score=7.5)
    policy("before", score=-1)
    policy("lost", "nowhere")
    policy("notaken", "!gone")
    policy("nobody", "!any")
    policy("strange", jailby="Sender:user@domain+")
    policy("no:pool")
    policy("list")
    policy(nasty)
    policy("rules", "staff", actionheaders=m({
        b"X-A": [b"(unclosed", (b"X-B", b"1")], b"X-C": [(b"X-D", b"2")], b"X-E": [b"ok/\\d+", (b"Subject", b"3")],
        b"X-F": [b"it's 'fine'", (b"X-G", b"a \"b\" 'c' $1"), (b"X-H", b"4")], b"X:I": [b"x", (b"X-J", b"5")],
        b"X-K": [b"x\ny", (b"X-L", b"6")], b"X-M": [b"x", (b"X-N", b"\xff")], b"X-O": [b"y" * 2000, (b"X-P", b"7")],
        b"x-f": [b"it's 'fine'", (b"X-Q", b"8")], b"X-R": [b"\\y", (b"X-S", b"9")]}))
    policy("norules", onlyheaders=m(True), actionheaders=b"{\x01")
    r.hset("policy:unranked", mapping={"source": "any", "destination": "any", "priority": "4"})
    r.zadd("list:policies", {"policy:ghost": 5})
    r.lpush("policy:odd", "x")
    r.set("group:odd", "x")
    r.set("AI:metadata:odd@example.org", "x")
    for thing in (nasty, b"\xff", "bob@broken_sasl.tld", "x@mailfrom.tld", "blank@mailfrom.tld", "2001:db8::1"):
        key = thing if isinstance(thing, bytes) else thing.encode()
        flag(b"AI:metadata:" + key, block=True)
    flag("AI:metadata:both@example.org", block=True, bypass=True)
    flag("AI:mx:metadata:pool@example.org", bypass=True)
    r.hset("AI:metadata:text@example.org", mapping={"manual_block": "maybe", "bypass": "False"})
    r.set("AI:" + nasty, "x")
    r.set("metadata:bob@example.org", "x")


def oldest():
    """Before 0.1: features without a name, words for truth values, networks among members."""
    group("staff", ("@example.org", "192.0.2.0/24"))
    r.hset("config:themis:features", mapping={"global_namespace": "TM", "policiesByServerPoolFeature": "False",
                                              "messagesBySecStoreDays": "3"})
    pool("mx", "mx1.example.org")
    policy("out", "staff", jailspec="10:60", jailaction="quarantine", enable="TRUE", jailheader="X-Q")
    policy("mx:in")
    r.hset("TM:metadata:bob@example.org", mapping={"manual_block": "True", "bypass": "False"})


def newest():
    """Without features: they are in config.yaml."""
    group("staff", ("@example.org",))
    policy("out", "staff", jailaction="block")


def guide():
    """The example of the guide."""
    group("staff", ("@example.org",), ("192.0.2.0/24",))
    r.hset("config:themis:features:global", mapping={
        "global_conditions": m([[720, 500]]), "featuresByServerPool": m(False),
        "fallbackToNonPoolPolicies": m(False), "learnFeature": m(False)})
    policy("out", "staff", jailby="SASLUsername", jailspec=interned((b"100", b"3600")),
           jailaction="block", score=3)
    r.hset("policy:old", mapping={"source": "guests", "destination": "any"})
    r.zadd("list:policies", {"policy:old": 5})
    flag("AI:metadata:bob@example.org", block=True)
    for i in range(57):
        r.lpush(f"rate:SASLUsername:user{i}@example.org", "1429500000.1")


{"guide": guide, "plain": plain, "hostile": hostile, "oldest": oldest, "newest": newest}[sys.argv[2]]()
