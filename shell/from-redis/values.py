# SPDX-License-Identifier: Apache-2.0
"""Values as the Themis in Python stored them: numbers and texts as they are, truth values,
lists and dictionaries in the form of Python 2's module marshal, version 2.  Python 3 does
not read that: there is no reference to a string (R) in it any more, and a list in which a
string comes twice has one.  Nor is marshal meant for what others may have written."""

import struct

DEPTH = 20  # lists in lists


class Refused(Exception):
    """Has no command: in words that say why."""


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.interned = []

    def octets(self, n):
        piece = self.data[self.at:self.at + n]
        if n < 0 or len(piece) < n:
            raise ValueError("cut off")
        self.at += n
        return piece

    def number(self, form="<i"):
        return struct.unpack(form, self.octets(struct.calcsize(form)))[0]

    def long(self):
        """Digits of 15 bits; their number is negative where the value is."""
        n = self.number()
        if abs(n) > 100:
            raise ValueError("too long a number")
        value = sum(self.number("<H") << (15 * i) for i in range(abs(n)))
        return -value if n < 0 else value

    def reference(self):
        n = self.number()
        if not 0 <= n < len(self.interned):
            raise ValueError("refers to nothing")
        return self.interned[n]

    def intern(self):
        self.interned.append(self.octets(self.number()))
        return self.interned[-1]

    def sequence(self, depth):
        n = self.number()
        if not 0 <= n <= len(self.data):
            raise ValueError("cut off")
        return [self.value(depth + 1) for _ in range(n)]

    def pairs(self, depth):
        found = {}
        while self.data[self.at:self.at + 1] != b"0":
            key = self.value(depth + 1)
            if isinstance(key, (list, dict)):
                raise ValueError("no key of a dictionary")
            found[key] = self.value(depth + 1)
        self.at += 1
        return found

    def value(self, depth=0):
        if depth > DEPTH:
            raise ValueError("too deep")
        kind = self.octets(1)
        plain = {b"N": None, b"T": True, b"F": False}
        simple = {b"i": self.number, b"I": lambda: self.number("<q"),
                  b"g": lambda: self.number("<d"), b"l": self.long,
                  b"s": lambda: self.octets(self.number()), b"t": self.intern,
                  b"u": lambda: self.octets(self.number()), b"R": self.reference,
                  b"f": lambda: float(self.octets(self.octets(1)[0]))}
        if kind in plain:
            return plain[kind]
        if kind in simple:
            return simple[kind]()
        if kind in (b"(", b"["):
            return self.sequence(depth)
        if kind == b"{":
            return self.pairs(depth)
        raise ValueError("of no known type")


def unmarshal(raw, what):
    """Lists for lists and tuples, octets for texts."""
    reader = Reader(raw)
    try:
        value = reader.value()
    except (ValueError, struct.error) as why:
        raise Refused(f"{what} cannot be read ({why})") from None
    if reader.at != len(raw):
        raise Refused(f"{what} cannot be read (something stands behind it)")
    return value


def as_text(value):
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, list):
        return [as_text(one) for one in value]
    if isinstance(value, dict):
        return {as_text(key): as_text(one) for key, one in value.items()}
    return value


def readable(raw):
    """For a comment: what is marshalled as Python writes it, everything else as it is."""
    if raw in (b"T", b"F"):
        return "TRUE" if raw == b"T" else "FALSE"
    if raw[:1] in (b"[", b"(", b"{"):
        try:
            return str(as_text(unmarshal(raw, "it")))
        except Refused:
            pass
    return raw


def text(raw, what):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refused(f"{what} is not UTF-8") from None


def truth(raw, what):
    """Marshalled, or as a word: before 0.1 it was one."""
    value = raw
    if raw[:1] in (b"T", b"F", b"s", b"t", b"u") and raw.lower() not in (b"true", b"false"):
        value = unmarshal(raw, what)
    if isinstance(value, bool):
        return value
    if isinstance(value, bytes) and value.lower() in (b"true", b"false"):
        return value.lower() == b"true"
    raise Refused(f"{what} is neither TRUE nor FALSE")


def integer(value, what, least, most):
    """Of a number, or of one that is written out, as Python would read it."""
    try:
        number = float(value)
        if not number.is_integer():
            raise ValueError
        number = int(value) if not isinstance(value, float) else int(number)
    except (TypeError, ValueError, OverflowError):
        raise Refused(f"{what} is no whole number") from None
    if not least <= number <= most:
        raise Refused(f"{what} is {number}, and has to be {least} to {most}")
    return number


def conditions(raw, what):
    """[(messages, seconds), ...] of JailSpec and global_conditions, or of the text N:S;N:S."""
    if raw[:1] in (b"[", b"("):
        value = unmarshal(raw, what)
    else:
        value = [pair.split(b":") for pair in raw.split(b";") if pair]
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or isinstance(pair[0], bool):
            raise Refused(f"{what} is no list of messages and seconds")
    return value
