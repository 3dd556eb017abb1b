# SPDX-License-Identifier: Apache-2.0
"""The published test suite of RFC 7208, made into what the system test can run.

    python3 spf_suite.py SUITE DIRECTORY

SUITE is YAML of several documents, one a scenario: its tests, and the zone that they
ask.  For each, DIRECTORY gets N.zone (see dns.py), N.script (a line of tmsh a test) and
N.wanted (in the same order: the test's name and the results that are right, with bars).
Prints the number of scenarios.
"""

import os
import sys

import yaml


def word(octets):
    """A word of a zone: quoted, with everything that is not plain as its number."""
    return '"%s"' % "".join(
        chr(c) if 32 <= c < 127 and c not in b'"\\' else "\\%03d" % c for c in octets)


def name_word(name):
    """A name; blanks and such in it are escaped, dots separate its labels."""
    return "".join(
        c if c.isalnum() or c in "._-" else "\\%03d" % ord(c) for c in name) or "."


def data(kind, value):
    """The words of a record's data."""
    if kind in ("TXT", "SPF"):
        texts = value if isinstance(value, list) else [value]
        # no string at all is no TXT record (RFC 1035, 3.3.14), and resolvers refuse it
        texts = texts or [""]
        return " ".join(word(text.encode()) for text in texts)
    if kind == "MX":
        return "%d %s" % (value[0], name_word(value[1]))
    return value if kind in ("A", "AAAA") else name_word(value)


def node(name, entries):
    """The lines of one name.  A record of type SPF stands for a TXT record too, unless
    the name says otherwise by having TXT records, or "NONE"."""
    records = [pair for entry in entries if isinstance(entry, dict)
               for pair in entry.items()]
    own = any(kind == "TXT" for kind, _ in records)
    for kind, value in records:
        if value == "NONE":
            continue
        yield "%s %s %s" % (name_word(name), kind, data(kind, value))
        if kind == "SPF" and not own:
            yield "%s TXT %s" % (name_word(name), data(kind, value))
    if "TIMEOUT" in entries:
        yield "%s TIMEOUT" % name_word(name)


def quoted(text):
    """A word of tmsh."""
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def question(test):
    return "spf check client=%s sender=%s helo=%s" % (
        test["host"], quoted(test["mailfrom"] or "<>"), quoted(test["helo"]))


def results(test):
    right = test["result"]
    return "|".join(right if isinstance(right, list) else [right])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    suite, directory = sys.argv[1:]
    with open(suite, encoding="utf-8") as text:
        scenarios = list(yaml.safe_load_all(text))

    def put(name, lines):
        with open(os.path.join(directory, name), "w", encoding="ascii") as out:
            out.writelines(line + "\n" for line in lines)

    for n, scenario in enumerate(scenarios, 1):
        tests = scenario["tests"]
        put("%d.zone" % n, (line for name, entries in scenario["zonedata"].items()
                            for line in node(name, entries)))
        put("%d.script" % n, (question(test) for test in tests.values()))
        put("%d.wanted" % n, ("%s %s" % (name, results(test))
                              for name, test in tests.items()))
    print(len(scenarios))


if __name__ == "__main__":
    main()
