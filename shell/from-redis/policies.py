# SPDX-License-Identifier: Apache-2.0
"""A policy of the Themis in Python, and its header rules, as commands."""

import re

import checks
import words
from values import Refused, as_text, conditions, integer, readable, text, truth, unmarshal

KEYS = {"SASLUsername": "login", "Sender": "sender", "Sender+": "sender+",
        "SenderDomain": "domain", "SenderDomain+": "domain+", "SenderIP": "client"}
# quarantine: in 0.1.0
ACTIONS = {"monitor": "monitor", "block": "block", "hold": "hold", "quarantine": "hold"}
TYPES = ("regular", "bypass", "bypass+")
FIELDS = ("Source Destination Enable Type Priority JailBy JailSpec JailAction ReplyData "
          "OnlyHeaders CountRCPT StopHere RequestsMon SubjectProbation CountSentProbation "
          "IpProbation BlockProbation ActionHeaders SPF JailHeader policy_name").split()
GONE = {"SubjectProbation": 0.5, "CountSentProbation": 1.0, "IpProbation": 0.5,
        "BlockProbation": 0.5}
NO_LIMIT = f"{checks.AMOUNT_MAX}/second"  # where "none" would be the default
STRICT = "none,neutral,fail,softfail"  # what the old one called strict
RULES_MAX = 500


class Policy:
    """One of them; the words of its command, and what is to be said of it."""

    def __init__(self, name, fields, site):
        self.name, self.fields, self.site = name, fields, site
        self.words, self.remarks, self.action = [], [], "monitor"
        self.features = site.features_of(name)
        self.headers = fields.get(b"actionheaders", b"{0")

    def remark(self, remark):
        self.remarks.append(remark)

    def has(self, field):
        return field.lower().encode() in self.fields

    def raw(self, field):
        return self.fields[field.lower().encode()]

    def is_true(self, field):
        return self.has(field) and truth(self.raw(field), field)

    def choice(self, field, values, default):
        value = text(self.raw(field), field) if self.has(field) else default
        if value not in values:
            raise Refused(f"{field} is {words.shown(value)}, and the old one knew "
                          + ", ".join(values))
        return value

    def say(self, attribute, value, default=None):
        if value != default:
            self.words.append(f"{attribute}={value}")

    # --- its attributes, each with what differs ---

    def criterion(self, field):
        if not self.has(field):
            raise Refused(f"it has no {field}")
        value = text(self.raw(field), field)
        found = re.search(r"[A-Za-z0-9_]+", value)  # what the old one looked at
        group = found and found.group()
        if not group or group == "any" and "!" in value:
            raise Refused(f"{field} is {words.shown(value)}, which names no group")
        if group == "any":
            return "any"
        if "any" in group:
            self.remark(f"{field} {group}: the old one took each name with \"any\" in it "
                        "for any")
        if group not in self.site.groups:
            raise Refused(f"{field} is the group {group}, which is not there or was not "
                          "taken over")
        if field == "Destination" and self.site.groups[group]:
            self.remark(f"Destination {group}: addresses in it match recipients here; in "
                        "the old one domains alone did")
        return ("!" if "!" in value else "") + group

    def limit(self):
        raw = self.raw("JailSpec") if self.has("JailSpec") else b"0:0"
        pairs = conditions(raw, "JailSpec")
        default = self.site.default_limit
        if pairs != [[b"0", b"0"]]:
            limit = checks.limit(pairs, "JailSpec")
            if not limit and default:
                self.remark("JailSpec says nothing, and so no default either")
                return NO_LIMIT
            return limit or "none"
        if b"global_conditions" in self.features:
            self.remark("limit: global_conditions of the features of that name")
            return checks.limit(conditions(self.features[b"global_conditions"],
                                           "global_conditions"), "global_conditions") or NO_LIMIT
        self.site.needs_default = True
        return "none"

    def reply(self):
        if not self.has("ReplyData"):
            return
        value = text(self.raw("ReplyData"), "ReplyData")
        parts = re.split(r"(%%|%[-+ 0#]*[0-9]*(?:\.[0-9]+)?[sdiurfeg])", value)
        waits = [part for part in parts[1::2] if part != "%%"]
        if self.action == "block" and (len(waits) != 1 or "%" in "".join(parts[::2])):
            self.remark("ReplyData has to have one %s: without it the old one had a fault "
                        "where it should have refused, and let pass")
        parts[1::2] = ["%" if part == "%%" else "{wait}" for part in parts[1::2]]
        reply = "".join(parts)
        why = None
        if words.has_control(reply) or len(reply) > 200:
            why = "it has more than 200 characters, a line break or a control character"
        elif "%s" in reply or re.search(r"\{(?!wait\})[a-z_]+\}", reply):
            why = "it has what is a placeholder here"
        if why:
            self.site.out.leave_out(f"policy {self.name}, ReplyData {words.shown(value)}", why)
        else:
            self.say("reply", reply, "")

    def spf(self):
        if not self.is_true("SPF"):
            return
        self.say("spf", STRICT if self.site.spf_strict else "check")

    def only_headers(self):
        if not self.is_true("OnlyHeaders"):
            return
        if self.headers in (b"{0", b"", b"{}"):
            self.remark("OnlyHeaders: without header rules the old one counted it")
        else:
            self.say("only-headers", "yes")

    def whom(self):
        self.say("source", self.criterion("Source"))
        self.say("destination", self.criterion("Destination"))
        if self.site.rank(self.name) is None:
            self.remark("it was in no list, so the old one did not look at it: disabled")
            self.say("enabled", "no")
        elif not self.has("Enable") or not self.is_true("Enable"):
            self.say("enabled", "no")
        kind = self.choice("Type", TYPES, "regular")
        self.say("type", kind, "regular")
        if kind == "bypass+" and "destination=any" in self.words:
            self.remark("bypass+ with Destination any: the old one did not bypass it")

    def build(self):
        self.whom()
        rank = self.site.rank(self.name)
        if rank is None:
            rank = self.raw("Priority") if self.has("Priority") else 5
        self.say("priority", integer(rank, "the priority", 0, 1000000))
        self.say("key", KEYS[self.choice("JailBy", KEYS, "Sender+")])
        self.say("limit", self.limit(), "none")
        self.say("count", "recipients" if self.is_true("CountRCPT") else "messages", "messages")
        self.action = ACTIONS[self.choice("JailAction", ACTIONS, "monitor")]
        self.say("action", "monitor" if self.site.monitor else self.action)
        self.reply()
        if b"global_custom_block" in self.features:
            self.remark("penalty: global_custom_block of the features of that name")
            self.say("penalty", checks.penalty(self.features[b"global_custom_block"],
                                               "global_custom_block"))
        self.say("stop", "yes" if self.is_true("StopHere") else "no", "no")
        self.only_headers()
        self.spf()
        self.say("rate-stats", "yes" if self.is_true("RequestsMon") else "no", "no")
        self.gone()

    def gone(self):
        """What has no successor."""
        for field, default in GONE.items():
            if not self.has(field):
                continue
            shown = words.shown(self.raw(field))
            try:
                if float(self.raw(field)) == default:
                    continue
            except ValueError:
                pass
            self.remark(f"{field} {shown}: there is no probation")
        if self.has("JailHeader"):
            self.remark(f"JailHeader {words.shown(self.raw('JailHeader'))}: a message that is "
                        "held gets X-Themis-Hold")
        known = [field.lower().encode() for field in FIELDS]
        for field in sorted(set(self.fields) - set(known)):
            self.site.out.leave_out(f"policy {self.name}, {words.shown(field)}",
                                    "no attribute that is known",
                                    words.shown(readable(self.fields[field])))


def add(name, fields, site):
    """Prints the command; False where there is none."""
    out = site.out
    told = words.shown(name)
    try:
        site.check_policy_name(name)
        policy = Policy(told, fields, site)
        policy.build()
    except Refused as why:
        out.leave_out(f"policy {told}", why,
                      *(f"{words.shown(field)}={words.shown(readable(fields[field]))}"
                        for field in sorted(fields)))
        return False
    for remark in policy.remarks:
        out.comment(f"{told}: {remark}")
    out.command("policy", "add", told, *policy.words)
    if site.monitor and policy.action != "monitor":
        out.comment(words.command("policy", "set", told, f"action={policy.action}"))
    return True


def rule(policy, header, made, seen):
    """The words of header add."""
    header = checks.header_name(header, "the header")
    if not isinstance(made, list) or not made or not isinstance(made[0], bytes):
        raise Refused("its pattern is lost: from 0.1.2 on the old one dropped it when the "
                      "policy was changed, and no rule worked")
    pattern = checks.pattern(made[0])
    pairs = made[1:]
    if not 1 <= len(pairs) <= 16 or not all(
            isinstance(pair, list) and len(pair) == 2 and
            all(isinstance(part, bytes) for part in pair) for pair in pairs):
        raise Refused("it has to add 1 to 16 headers, each with a value")
    added = [part for pair in pairs for part in checks.header_addition(*pair)]
    if (header.lower(), pattern) in seen:
        raise Refused("there is the same rule for that header already")
    if len(seen) == RULES_MAX:
        raise Refused(f"a policy has at most {RULES_MAX} rules")
    command = ("header", "add", policy, header, pattern, *added)
    if not words.fits(words.command(*command)):
        raise Refused("it is too long for a command")
    seen.add((header.lower(), pattern))
    return command


def add_rules(policy, fields, out):
    raw = fields.get(b"actionheaders", b"{0")
    what = f"header rules of policy {policy}"
    if raw in (b"", b"{}"):
        return
    try:
        rules = unmarshal(raw, "ActionHeaders")
        if not isinstance(rules, dict) or not all(isinstance(h, bytes) for h in rules):
            raise Refused("ActionHeaders is no dictionary of headers")
    except Refused as why:
        out.leave_out(what, why, words.shown(readable(raw)))
        return
    if rules and (fields.get(b"source") != b"any" or fields.get(b"destination") != b"any"):
        out.comment(f"{policy}: the old one looked at these headers of all mail; here the "
                    "policy has to match")
    seen = set()
    for header in sorted(rules):
        try:
            out.command(*rule(policy, header, rules[header], seen))
        except Refused as why:
            out.leave_out(f"{what}, {words.shown(header)}", why,
                          words.shown(str(as_text(rules[header]))))
