# SPDX-License-Identifier: Apache-2.0
"""All that was found, as commands in the order in which they need each other."""

import checks
import policies
import words
from store import TRANSIENT
from values import Refused, conditions, integer, readable, text, truth

OCTETS = 7000  # of members in a line

# features without a successor, by the beginning of their names
GONE = (
    ("learn", "nothing is learnt"),
    ("rateReputation", "there is no reputation"),
    ("ipReputation", "there is no reputation"),
    ("subjectReputation", "there is no reputation"),
    ("feederFeaturesEnabled", "nothing has to be fed"),
    ("statisticsFeature", "statistics are always kept"),
    ("evaluateByRecipientFeature", "recipients are judged one by one where a policy says so"),
    ("policiesByServerPoolFeature", "pools work when there are any"),
    ("messagesBySecFeature", "rate-stats of a policy does that"),
    ("global_namespace", "the database is shared with no other program"),
    ("global_ttl", "counters go by themselves when their periods are over"),
    ("spfStrictRejectFeature", "spf of each policy says so"),
)
TAKEN = ("global_conditions", "global_custom_block", "fallbackToNonPoolPolicies",
         "featuresByServerPool", "messagesBySecStoreDays")


class Site:
    """What a policy has to know of the rest."""

    def __init__(self, store, out, monitor):
        self.store, self.out, self.monitor = store, out, monitor
        self.groups = {}  # those that were taken: name, whether it has addresses
        self.pools = set()
        self.features = store.features.get(b"global", {})
        self.pools_off = not self.feature("policiesByServerPoolFeature", True)
        self.by_name = self.feature("featuresByServerPool", False) and not self.pools_off
        self.spf_strict = self.feature("spfStrictRejectFeature", False)
        self.default_limit, self.needs_default = "", False

    def feature(self, name, default):
        try:
            return truth(self.features[name.encode()], name)
        except (KeyError, Refused):
            return default

    def features_of(self, policy):
        """The old one looked them up by the name of the policy."""
        return self.store.features.get(policy.encode(), {}) \
            if self.by_name and policy != "global" else {}

    def rank(self, policy):
        return self.store.ranks.get(policy.encode())

    def check_policy_name(self, raw):
        pool, colon, rest = raw.rpartition(b":")
        checks.name(rest, "its name")
        if colon and text(pool, "its pool") not in self.pools:
            raise Refused("its pool is not there or was not taken over")


def split(name, found, out):
    """Lines of members that fit into a command."""
    line, octets = [], 0
    for member in sorted(found):
        if line and octets + len(member) + 6 > OCTETS:
            out.command("group", "add", name, *line)
            line, octets = [], 0
        line.append(member)
        octets += len(member) + 6
    out.command("group", "add", name, *line)


def add_group(raw, members, site):
    out, told, found = site.out, f"group {words.shown(raw)}", {}
    try:
        name = checks.name(raw, "its name")
    except Refused as why:
        out.leave_out(told, why, *map(words.shown, sorted(members)))
        return
    for member in sorted(members):
        try:
            found[checks.member(member)] = member
        except Refused as why:
            out.leave_out(f"{told}, member {words.shown(member)}", why)
    for member, was in found.items():
        if was.endswith(checks.NO_LOGIN_DOMAIN.encode()):
            out.comment(f"{told}: {member} was {words.shown(was)}, a login without a domain")
        elif "/" in member and was.partition(b"/")[0] != member.partition("/")[0].encode():
            out.comment(f"{told}: {member} was {words.shown(was)}, which is the same")
    if not found:
        out.leave_out(told, "it has no member" + (" that can be taken" if members else ""))
        return
    split(name, found, out)
    site.groups[name] = any("@" in m and not m.startswith("@") for m in found)


def add_pool(raw, hosts, site, taken):
    out, told, found = site.out, f"pool {words.shown(raw)}", set()
    try:
        name = checks.name(raw, "its name")
        if site.pools_off:
            raise Refused("pools were switched off (policiesByServerPoolFeature FALSE), and "
                          "here they are not as soon as there is one")
        if b"pool:" + raw not in site.store.listed_pools:
            raise Refused("it was not in list:pools, so the old one did not look at it")
    except Refused as why:
        out.leave_out(told, why, *map(words.shown, sorted(hosts)))
        return
    for host in sorted(hosts):
        try:
            value = checks.host(host)
            if value in taken:
                raise Refused(f"an MTA is in one pool at most, and it is in {taken[value]}")
            taken[value] = name
            found.add(value)
        except Refused as why:
            out.leave_out(f"{told}, host {words.shown(host)}", why)
    if not found:
        out.leave_out(told, "it has no host that can be taken")
        return
    out.command("pool", "add", name, *sorted(found))
    site.pools.add(name)


def yes(value):
    return "yes" if value else "no"


def value_of(feature, raw):
    """The setting that it is now, and its value."""
    if feature == "global_conditions":
        limit = checks.limit(conditions(raw, feature), feature)
        return "default_limit", limit or "none"
    if feature == "global_custom_block":
        return "default_penalty", checks.penalty(raw, feature)
    if feature == "messagesBySecStoreDays":
        return "stats_days", str(integer(raw, feature, 0, 3650))
    names = {"featuresByServerPool": "pool_counters", "fallbackToNonPoolPolicies": "pool_fallback"}
    return names[feature], yes(truth(raw, feature))


def add_feature(feature, raw, site):
    out, told = site.out, f"{words.shown(feature)} {words.shown(readable(raw))}"
    name = feature.decode(errors="replace")
    why = next((why for begin, why in GONE if name.startswith(begin)), None)
    if name in TAKEN:
        try:
            setting, value = value_of(name, raw)
        except Refused as refused:
            out.leave_out(f"feature {told}", refused)
            return
        if name == "global_conditions" and value != "none":
            site.default_limit = value
        out.command("setting", "set", setting, value)
    elif why is not None:
        out.comment(f"{told}: {why}")
    else:
        out.leave_out(f"feature {told}", "no feature that is known")


def add_named_features(site):
    """Those of policies stand with them; the old one looked for no others."""
    for name, fields in sorted(site.store.features.items()):
        if name == b"global":
            continue
        told = f"features {words.shown(name)}"
        if not site.by_name:
            site.out.comment(f"{told}: featuresByServerPool was off, so they had no effect")
        elif name not in site.store.policies:
            site.out.comment(f"{told}: there is no policy of that name, so they had no effect")
        else:
            site.out.comment(f"{told}: global_conditions and global_custom_block stand with "
                             "the policy, the others are for all or nothing")
        for field in sorted(fields):
            site.out.comment(f"    {words.shown(field)}={words.shown(readable(fields[field]))}")


def add_settings(site):
    if site.features:
        order = [name.encode() for name in TAKEN if name.encode() in site.features]
        for feature in order + sorted(set(site.features) - set(order)):
            add_feature(feature, site.features[feature], site)
    else:
        site.out.comment("none in Redis: those of the old one are in its config.yaml")
    add_named_features(site)


def add_policies(site):
    store, out = site.store, site.out
    order = sorted(store.policies, key=lambda name: (
        name.rpartition(b":")[0], store.ranks.get(name, 0), name))
    taken = [name for name in order if policies.add(name, store.policies[name], site)]
    for name in sorted(set(store.ranks) - set(store.policies)):
        out.leave_out(f"policy {words.shown(name)}", "it is in a list of policies, but not there; "
                      "the old one had a fault there, and let all mail pass")
    if site.needs_default and b"global_conditions" not in site.features:
        out.leave_out("default_limit", "there are policies with JailSpec 0:0, and "
                      "global_conditions is not in Redis but in config.yaml; as in",
                      "setting set default_limit 720/500seconds")
    out.section("Header rules")
    for name in taken:
        policies.add_rules(name.decode(), store.policies[name], out)


def add_flag(pool, raw, blocked, bypassed, site):
    out, told = site.out, f"object {words.shown(raw)}"
    try:
        block = blocked is not None and truth(blocked, "manual_block")
        bypass = bypassed is not None and truth(bypassed, "bypass")
        if not block and not bypass:
            site.store.unflagged += 1
            return
        thing = checks.thing(raw)
        verb = "bypass" if bypass else "block"
        command = ("object", verb, thing, "because", "from the Themis in Python")
        if pool is not None:
            out.leave_out(told, f"{verb} was for the pool {words.shown(pool)} alone, and "
                          "would be for all mail here", words.command(*command))
            return
    except Refused as why:
        out.leave_out(f"{told}, manual_block {words.shown(blocked or b'FALSE')}, "
                      f"bypass {words.shown(bypassed or b'FALSE')}", why)
        return
    if bypass and block:
        out.comment(f"{told}: also blocked, which the bypass hid; here it would win")
    if ":" in thing:
        out.comment(f"{told}: it stands for its network here (ipv6_prefix)")
    out.command(*command)


def tell_rest(store, out):
    """Nothing is left out silently."""
    for prefix, why in TRANSIENT.items():
        if store.transient[prefix]:
            out.comment(f"{words.shown(prefix)}* "
                        f"({words.count(store.transient[prefix], 'key')}): {why}")
    if store.learnt:
        out.comment(f"{words.count(store.learnt, 'key')} of learning and reputation, which have "
                    "no successor")
    if store.unflagged:
        out.comment(f"{words.count(store.unflagged, 'object')} with neither manual_block nor bypass: what "
                    "else is kept of them has no successor")
    if store.expired:
        out.comment(f"{words.count(store.expired, 'key')} of the dump had expired, whatever "
                    "was in them")
    for key in sorted(store.unknown):
        out.comment(f"unknown key, not read: {words.shown(key)}")
    if store.unknown_more:
        out.comment(f"... and {store.unknown_more} more")


def everything(store, out, monitor):
    site, hosts = Site(store, out, monitor), {}
    out.section("Groups")
    for name in sorted(store.groups):
        add_group(name, store.groups[name], site)
    out.section("Pools")
    for name in sorted(store.pools):
        add_pool(name, store.pools[name], site, hosts)
    for key in sorted(store.listed_pools - {b"pool:" + name for name in store.pools}):
        out.leave_out(words.shown(key), "it is in list:pools, and has no hosts")
    out.section("Settings")
    add_settings(site)
    out.section("Policies")
    add_policies(site)
    out.section("Blocked and bypassed objects")
    for flag in sorted(store.flagged, key=lambda flag: (flag[0] or b"", *flag[1:2])):
        add_flag(*flag, site)
    out.section("What is not here")
    for key, why in store.odd:
        out.leave_out(f"key {words.shown(key)}", why)
    tell_rest(store, out)
