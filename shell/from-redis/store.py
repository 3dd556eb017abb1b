# SPDX-License-Identifier: Apache-2.0
"""What the Themis in Python keeps in Redis, by its keys.  Nothing is judged here.

    group:NAME, groupip:NAME     sets: members; since 0.1.2 networks are in the second
    list:groups                  a set of such keys
    pool:NAME, list:pools        sets: hosts; and the keys of the pools that are in use
    policy:NAME                  a hash, its fields in lower case; NAME may be POOL:NAME
    list:policies[:POOL]         sorted sets of such keys, by priority
    config:themis:features:NAME  a hash; NAME is global or a policy
    NAMESPACE:[POOL:]metadata:OBJECT  a hash; the namespace is AI, or global_namespace
    rate:, block:, lock:, requestsbysec:, NAMESPACE:...  counters, and what was learnt
"""

import collections

import redis

FEATURES = b"config:themis:features"
BATCH = 500
UNKNOWN_MAX = 100  # keys that are named

# What begins anew, or has no successor; the words stand in a comment.
TRANSIENT = {
    b"rate:": "counters, which begin empty",
    b"block:": "penalties that last, which begin anew",
    b"lock:": "locks of counters",
    b"requestsbysec:": "messages in each second, which begin anew (rate-stats of a policy)",
    b"config:themis:resync": "requests to read the configuration again",
    b"themis:config:": "secrets of the web service, which has no successor",
}
LISTS = (b"list:groups", b"list:pools", b"list:policies")
# of the old one, but nothing that it reads there: an unreleased 0.2 among them
SUSPECT = (b"list:", b"config:themis:", b"metadata:", b"MetaData:", b"Policy:", b"Group:",
           b"Pool:", b"ActionHeader:")


class Store:
    def __init__(self, client):
        self.client = client
        self.groups = collections.defaultdict(set)
        self.pools, self.features = {}, {}
        self.policies = {}  # name: fields
        self.ranks = {}  # name: priority, of those in a list
        self.flagged = []  # (pool or None, object, manual_block, bypass)
        self.unflagged = self.learnt = self.foreign = 0
        self.transient = collections.Counter()
        self.unknown, self.unknown_more = [], 0
        self.odd = []  # (key, why)
        self.read()

    # --- reading ---

    def ask(self, function, key, *more, **options):
        """None where the key is of another kind than the old one made it."""
        try:
            return function(key, *more, **options)
        except redis.ResponseError as why:
            if not str(why).startswith("WRONGTYPE"):
                raise
            self.odd.append((key, "it is of another kind than Themis made it"))
            return None

    def read(self):
        keyspace = self.client.info("keyspace")
        own = f"db{self.client.connection_pool.connection_kwargs.get('db') or 0}"
        self.elsewhere = sum(of["keys"] for name, of in keyspace.items() if name != own)
        self.expired = self.client.info("persistence").get("rdb_last_load_keys_expired", 0)
        for key in sorted(set(self.client.scan_iter(FEATURES + b"*", count=1000))):
            self.read_features(key)
        self.namespaces = {b"AI"} | {
            of[b"global_namespace"] for of in self.features.values()
            if of.get(b"global_namespace")}
        self.listed_groups = self.ask(self.client.smembers, b"list:groups") or set()
        self.listed_pools = self.ask(self.client.smembers, b"list:pools") or set()
        metadata, seen = [], set()
        for key in self.client.scan_iter(count=1000):
            if self.sort(key, metadata, seen) and len(metadata) >= BATCH:
                self.read_metadata(metadata)
                metadata.clear()
        self.read_metadata(metadata)
        for key in self.listed_groups:
            self.groups[key.partition(b":")[2]]

    def read_features(self, key):
        name = key[len(FEATURES):]
        if name == b"" or name.startswith(b":"):
            fields = self.ask(self.client.hgetall, key)
            # without a name: before 0.1
            if fields is not None and (name or FEATURES + b":global" not in self.features):
                self.features.setdefault(name[1:] or b"global", fields)

    def sort(self, key, metadata, seen):
        """Puts a key where it belongs; True for metadata, which is read in batches."""
        kind, _, name = key.partition(b":")
        if kind in (b"group", b"groupip", b"pool", b"policy") and name:
            if key not in seen:  # a scan may name one twice
                seen.add(key)
                self.read_thing(kind, name, key)
            return False
        if key in LISTS or key.startswith(b"list:policies:"):
            self.read_list(key)
            return False
        if key == FEATURES or key.startswith(FEATURES + b":"):
            return False
        for prefix in TRANSIENT:
            if key.startswith(prefix):
                self.transient[prefix] += 1
                return False
        for namespace in self.namespaces:
            if key.startswith(namespace + b":"):
                return self.sort_own(key, key[len(namespace) + 1:], metadata)
        if key.startswith(SUSPECT):
            self.keep_unknown(key)
        else:
            self.foreign += 1
        return False

    def read_thing(self, kind, name, key):
        if kind == b"policy":
            fields = self.ask(self.client.hgetall, key)
            if fields is not None:
                self.policies[name] = fields
            return
        members = self.ask(self.client.smembers, key)
        if members is None:
            return
        if kind == b"pool":
            self.pools[name] = members
        else:
            self.groups[name] |= members

    def read_list(self, key):
        if not key.startswith(b"list:policies"):
            return
        for policy, rank in self.ask(self.client.zrange, key, 0, -1, withscores=True) or ():
            self.ranks[policy.partition(b":")[2]] = rank

    def sort_own(self, key, rest, metadata):
        pool, found, thing = rest.partition(b":metadata:")
        if rest.startswith(b"metadata:"):
            metadata.append((None, rest[len(b"metadata:"):], key))
            return True
        if found and b":" not in pool:
            metadata.append((pool, thing, key))
            return True
        if b"Feature" in rest or b"BLUE:data:" in rest or b"RED:data:" in rest:
            self.learnt += 1
        else:
            self.keep_unknown(key)
        return False

    def keep_unknown(self, key):
        if len(self.unknown) < UNKNOWN_MAX:
            self.unknown.append(key)
        else:
            self.unknown_more += 1

    def read_metadata(self, batch):
        pipe = self.client.pipeline(transaction=False)
        for _, _, key in batch:
            pipe.hmget(key, b"manual_block", b"bypass")
        answers = pipe.execute(raise_on_error=False) if batch else ()
        for (pool, thing, key), answer in zip(batch, answers):
            if isinstance(answer, redis.ResponseError):
                self.odd.append((key, "it is of another kind than Themis made it"))
            elif isinstance(answer, Exception):
                raise answer
            elif answer == [None, None]:
                self.unflagged += 1
            else:
                self.flagged.append((pool, thing, *answer))
