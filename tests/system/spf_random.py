# SPDX-License-Identifier: Apache-2.0
"""Random sender policies, and what another evaluator (python3-spf) makes of them.

    python3 spf_random.py make SEED COUNT DIRECTORY
    python3 spf_random.py judge SEED COUNT DIRECTORY ROWS

"make" writes DIRECTORY/zone (dns.py) and DIRECTORY/script, a question of tmsh a case.
"judge" reads ROWS, the answers as JSON, a line each in the same order, asks python3-spf
over the same zone, and prints what differs: the reason that is known for it, or
"unknown", with all that the case has.  Its last line is "COUNT cases, N differ, M
unknown".  A case depends on SEED and its number alone.
"""

import ipaddress
import json
import os
import random
import sys

import spf

import dns
import reasons


class Case:
    """One sender policy and its surroundings, below a domain of its own."""

    def __init__(self, seed, number):
        self.r = random.Random("%s/%d" % (seed, number))
        self.base = "c%d.test" % number
        self.lines = []
        self.names = 0
        self.v6 = self.r.random() < 0.25
        self.client = ipaddress.ip_address(
            "2001:db8:%x::%x" % (number, self.r.randrange(1, 9)) if self.v6 else
            "198.%d.%d.%d" % (18 + (number >> 14) % 2, number >> 6 & 255,
                              (number << 2 & 255) + self.r.randrange(4)))
        local = self.r.choice(["user", "strong-bad", "a.b-c+d", "x_y", "Mixed.Case"])
        self.helo = "mail." + self.base
        self.sender = "" if self.r.random() < 0.1 else "%s@%s" % (local, self.base)
        self.depth = 0
        self.reverse()
        top = self.helo if not self.sender else self.base
        if self.r.random() < 0.97:
            self.policy(top)
        self.put("_loop." + self.base, "TXT", '"v=spf1 include:%s ?all"' % top)

    # --- what surrounds a policy ---

    def put(self, name, kind, *words):
        self.lines.append(" ".join((name, kind) + words))

    def name(self):
        self.names += 1
        return "n%d.%s" % (self.names, self.base)

    def near(self):
        """An address: often the client's own, or one that differs in a few bits."""
        bits = self.client.max_prefixlen
        value = int(self.client)
        for _ in range(self.r.choice([0, 0, 1, 1, 1, 2])):
            value ^= 1 << self.r.randrange(min(bits, 40))
        return type(self.client)(value)

    def other(self):
        """An address of the other family."""
        if self.v6:
            return ipaddress.ip_address("203.0.113.%d" % self.r.randrange(256))
        return ipaddress.ip_address("2001:db8:ffff::%x" % self.r.randrange(65536))

    def addresses(self, name, some=(1, 1, 1, 2, 3)):
        for _ in range(self.r.choice(some)):
            address = self.near() if self.r.random() < 0.85 else self.other()
            self.put(name, "AAAA" if address.version == 6 else "A", str(address))

    def host(self):
        """A name for "a" and "mx": mostly there."""
        name = self.name()
        luck = self.r.random()
        if luck < 0.80:
            self.addresses(name)
        elif luck < 0.86:
            alias = self.name()
            self.put(name, "CNAME", alias)
            self.addresses(alias)
        elif luck < 0.89:
            self.put(name, "SERVFAIL")
        elif luck < 0.92:
            self.put(name, "TXT", '"nothing that was asked for"')
        return name

    def mx(self):
        name = self.name()
        count = self.r.choice([0, 1, 1, 1, 2, 2, 3, 10, 11])
        for i in range(count):
            host = self.name()
            if self.r.random() < 0.98 or count > 9:
                self.addresses(host)
            self.put(name, "MX", str(10 * i), host)
        return name

    def reverse(self):
        """The names of the client's address."""
        pointer = self.client.reverse_pointer
        luck = self.r.random()
        if luck < 0.005:
            self.put(pointer, "SERVFAIL")
        elif luck < 0.85:
            for _ in range(self.r.choice([1, 1, 1, 2, 3, 11])):
                name = self.name()
                self.put(pointer, "PTR", name)
                if self.r.random() < 0.7:
                    self.put(name, "AAAA" if self.v6 else "A", str(self.client))
                else:
                    self.addresses(name)

    # --- policies ---

    def macro(self):
        letter = self.r.choice("slodivhslodivhslodivhSLODIVHp")
        digits = self.r.choice(["", "", "", "1", "2", "3"])
        back = self.r.choice(["", "", "r"])
        marks = self.r.choice(["", "", "", "-", ".-", "+", "_"])
        return "%%{%s%s%s%s}" % (letter, digits, back, marks)

    def target(self):
        """A domain-spec with macros, and records for what it becomes."""
        spec = ".".join(self.r.choice([self.macro(), self.macro() + "x", "y%%z", "b"])
                        for _ in range(self.r.choice([1, 1, 2])))
        spec += self.r.choice([".%{d}", ".%{o}", "." + self.base, "." + self.base])
        if self.r.random() < 0.75:
            self.put("*." + self.base, "A", "127.0.0.2")
        return spec

    def prefix(self):
        four = self.r.choice(["", "", "", "", "/32", "/31", "/30", "/24", "/16", "/8", "/0"])
        six = self.r.choice(["", "", "", "", "//128", "//127", "//96", "//64", "//32", "//0"])
        return four + six

    def mechanism(self):
        kind = self.r.choice(["a", "a", "mx", "ip4", "ip4", "ip6", "ptr", "exists",
                              "include", "include", "a-here", "mx-here", "a-macro"])
        if kind in ("ip4", "ip6"):
            wanted = int(kind[2])
            address = self.near() if self.client.version == wanted else self.other()
            longest = address.max_prefixlen
            return "%s:%s%s" % (kind, address, self.r.choice(["", "", "/%d" % (
                longest - self.r.choice([0, 0, 1, 2, 4, 8, 16, 24, longest]))]))
        if kind == "a":
            return "a:" + self.host() + self.prefix()
        if kind == "mx":
            return "mx:" + self.mx() + self.prefix()
        if kind in ("a-here", "mx-here"):
            return kind[:-5] + self.prefix()
        if kind == "ptr":
            return self.r.choice(["ptr", "ptr:" + self.base, "ptr:other.test"])
        if kind == "exists":
            return "exists:" + self.target()
        if kind == "a-macro":
            return "a:" + self.target()
        return "include:" + self.below()

    def below(self):
        """The domain of another policy."""
        if self.depth > 3:
            return "_loop." + self.base
        name = self.name()
        luck = self.r.random()
        if luck < 0.92:
            self.depth += 1
            self.policy(name)
            self.depth -= 1
        elif luck < 0.95:
            self.put(name, "SERVFAIL")
        return name

    def term(self):
        luck = self.r.random()
        if luck < 0.03:
            return self.r.choice(WRONG)
        if luck < 0.06:
            self.names += 1
            return self.r.choice(["x-%d=%%{d}" % self.names, "x.%d=" % self.names,
                                  "moo=a/b:c%%d", "exp=" + self.target()])
        return self.r.choice(["", "", "", "+", "-", "?", "~"]) + self.mechanism()

    def policy(self, name):
        many = self.r.random() < 0.1
        terms = [self.term() for _ in range(
            self.r.randrange(8, 14) if many else self.r.choice([0, 1, 1, 2, 2, 3, 4]))]
        end = self.r.random()
        if end < 0.7:
            terms.append(self.r.choice(["-all", "-all", "~all", "?all", "all", "-ALL"]))
        elif end < 0.85:
            terms.insert(self.r.choice([len(terms), 0]), "redirect=" + self.below())
        blank = self.r.choice([" ", " ", " ", "  "])
        text = blank.join(["v=spf1"] + terms) + self.r.choice(["", "", "", " "])
        cut = self.r.randrange(1, len(text)) if self.r.random() < 0.2 else len(text)
        self.put(name, "TXT", *('"%s"' % part for part in (text[:cut], text[cut:]) if part))
        if self.r.random() < 0.5:
            self.addresses(name)
        if self.r.random() < 0.1:
            self.put(name, "TXT", '"another text"')
        if self.r.random() < 0.01:
            self.put(name, "TXT", '"v=spf1 -all"')


# what no policy may hold; each is a permerror wherever it stands
WRONG = ["a:", "mx:", "include", "include:", "exists", "ip4", "ip4:1.2.3", "ip4:1.2.3.4/33",
         "ip4:1.2.3.4/", "ip6:2001:db8::/129", "ip6:1.2.3.4", "a/33", "a//129", "a/24/24",
         "all:x.test", "all/8", "-", "moo", "moo:x.test", "a:x.test,", "redirect=",
         "a:%{x}.test", "a:%.test", "a:x.test%", "a:museum", "a:x.12", "++all", "ptr/24",
         "exists:%{d}/24x_", "a:%{c}.test", "mx//", "ip4:01.2.3.4", "exp="]


def cases(seed, count):
    return [Case(seed, number) for number in range(1, count + 1)]


def question(case):
    return "spf check client=%s sender=%s helo=%s" % (
        case.client, case.sender or "<>", case.helo)


def make(seed, count, directory):
    made = cases(seed, count)
    with open(os.path.join(directory, "zone"), "w", encoding="ascii") as out:
        for case in made:
            out.writelines(line + "\n" for line in case.lines)
    with open(os.path.join(directory, "script"), "w", encoding="ascii") as out:
        out.writelines(question(case) + "\n" for case in made)


# --- the other evaluator ---

def value(kind, data):
    """A record's data as python3-spf wants it."""
    def text(wire):
        return ".".join(label.decode("latin-1") for label in dns.unpacked(wire))
    if kind == "A":
        return str(ipaddress.IPv4Address(data))
    if kind == "TXT":
        parts, at = [], 0
        while at < len(data):
            parts.append(data[at + 1:at + 1 + data[at]])
            at += 1 + data[at]
        return tuple(parts)
    if kind == "MX":
        return int.from_bytes(data[:2], "big"), text(data[2:])
    return bytes(data) if kind == "AAAA" else text(data)


def lookup_in(zone):
    """What python3-spf asks instead of DNS; the zone's answer to it."""
    def lookup(name, kind, *_, **__):
        node = zone.find(tuple(label.encode("latin-1") for label in name.split(".")))
        if node is None:
            return
        if node.fault(dns.TYPES[kind]):
            raise spf.TempError("DNS")
        for have in ("CNAME", kind):
            for _, data in node.records.get(dns.TYPES[have], []):
                yield (name, have), value(have, data)
    return lookup


def answer(zone, case, query=spf.query):
    spf.DNSLookup = lookup_in(zone)
    return query(i=str(case.client), s=case.sender, h=case.helo, querytime=0).check()[0]


def judge(seed, count, directory, path):
    zone = dns.Zone(os.path.join(directory, "zone"))
    made = cases(seed, count)
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.startswith("{")]
    if len(rows) != len(made):
        sys.exit("%d answers to %d questions" % (len(rows), len(made)))
    differ = unknown = 0
    for case, row in zip(made, rows):
        theirs = answer(zone, case)
        if row["result"] == theirs:
            continue
        differ += 1
        why = reasons.why(lambda query: answer(zone, case, query), row["result"])
        unknown += why is None
        print("%s: %s, python3-spf says %s: %s" % (
            case.base, row["result"], theirs, why or "unknown"))
        if why is None:
            print("  %s\n  %s" % (question(case), json.dumps(row)))
            print("".join("    %s\n" % line for line in case.lines), end="")
    print("%d cases, %d differ, %d unknown" % (len(made), differ, unknown))


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif len(sys.argv) == 6 and sys.argv[1] == "judge":
        judge(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
