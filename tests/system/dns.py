# SPDX-License-Identifier: Apache-2.0
"""A DNS server for tests: on 127.0.0.1, UDP and TCP, authoritative for everything.

    python3 dns.py ZONE PORT LOG READY

PORT 0 takes a free one.  READY is made when questions are answered, with the port in
it.  Every question becomes a line "name TYPE udp|tcp" of LOG before it is answered, the
name in lower case; LOG may be emptied at any time.  Ends with SIGTERM.

A line of ZONE is a record or a fault; "#" begins a comment:

    $TTL 60                                   of the lines that follow (300)
    example.org      TXT    "v=spf1 a -all"   several strings: several words
    example.org      MX     10 mx.example.org
    mx.example.org   A      192.0.2.1
    odd.example.org  TXT    \\# 05616263       the octets themselves, in hexadecimal
    *.example.org    A      192.0.2.9         names below that are not there otherwise
    dead.example     TIMEOUT                  no answer to what it has no records for
    dead.example     SERVFAIL MX AAAA         to questions for these types alone
    slow.example     DELAY  0.5               seconds; the answer is what it would be
    held.example     HOLD   2.5               no answer for so long from the first question on

Faults are TIMEOUT, SERVFAIL, REFUSED, GARBAGE (a datagram that is no answer), WRONGID
(the answer to another question) and DELAY.  Words are separated by blanks; in them, \\DDD
is the octet of that decimal number and \\C the character C, "." and blank included; quotes
hold blanks.  A string of more than 255 octets is cut into several.
"""

import heapq
import os
import re
import selectors
import signal
import socket
import struct
import sys
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16,
         "AAAA": 28, "SPF": 99}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
OPT = 41
CLASS_IN = 1

NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
ANSWER = 0x8580             # QR, AA, RD and RA of the header's flags
TRUNCATED = 0x0200
UDP_PLAIN = 512             # octets that a client without EDNS takes
UDP_MAX = 4096
CNAMES_MAX = 16
QUESTION_AT = 0xC00C        # a pointer to the name of the question

WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)', re.S)
ESCAPE = re.compile(rb"\\(\d{3}|.)", re.S)


class ZoneError(Exception):
    """What is wrong with a line of a zone."""


def unescape(text):
    return ESCAPE.sub(lambda m: bytes([int(m[1])]) if len(m[1]) == 3 else m[1], text)


def labels(text):
    """The labels of a name in a zone: octets, without the root's."""
    parts = re.findall(rb"(?:[^.\\]|\\\d{3}|\\.)+", text, re.S)
    return tuple(unescape(part) for part in parts)


def folded(name):
    return tuple(label.lower() for label in name)


def shown(name):
    """A name as the log and the zone have it."""
    return ".".join(
        re.sub(r"[^!-~]|[.\\#\"]", lambda m: "\\%03d" % ord(m[0]), label.decode("latin-1"))
        for label in name) or "."


def packed(name):
    return b"".join(bytes([len(label)]) + label for label in name) + b"\0"


def strings(words):
    out = b""
    for word in words:
        for at in range(0, max(len(word), 1), 255):
            part = word[at:at + 255]
            out += bytes([len(part)]) + part
    return out


def name_data(words):
    return packed(labels(words[0]))


def soa_data(words):
    return packed(labels(words[0])) + packed(labels(words[1])) + struct.pack(
        ">5I", *(int(word) for word in words[2:7]))


DATA = {
    "A": lambda words: socket.inet_pton(socket.AF_INET, words[0].decode()),
    "AAAA": lambda words: socket.inet_pton(socket.AF_INET6, words[0].decode()),
    "CNAME": name_data,
    "NS": name_data,
    "PTR": name_data,
    "MX": lambda words: struct.pack(">H", int(words[0])) + packed(labels(words[1])),
    "SOA": soa_data,
    "TXT": lambda words: strings([unescape(word) for word in words]),
    "SPF": lambda words: strings([unescape(word) for word in words]),
}


class Node:
    """What a zone has at one name."""

    def __init__(self):
        self.records = {}   # type -> [(ttl, data)]
        self.faults = []    # (fault, the types it is for or None)
        self.delay = 0.0
        self.hold = 0.0
        self.asked = None   # when it was for the first time

    def fault(self, kind):
        for fault, kinds in self.faults:
            if kind in kinds if kinds else kind not in self.records:
                return fault
        return None


class Zone:
    def __init__(self, path):
        self.nodes = {}
        self.ttl = 300
        with open(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    self.read(line)
                except (ZoneError, ValueError, IndexError, KeyError, OSError,
                        struct.error) as error:
                    sys.exit("%s, line %d: %r" % (path, number, error))

    def read(self, line):
        line = re.sub(rb'^((?:[^#"]|"(?:[^"\\]|\\.)*")*?)(?:(?<!\\)#.*)?$', rb"\1",
                      line.rstrip(b"\n"), flags=re.S)
        words = [m[1] if m[1] is not None else m[2] for m in WORD.finditer(line)]
        if not words:
            return
        if words[0] == b"$TTL":
            self.ttl = int(words[1])
            return
        if len(words) < 2:
            raise ZoneError("a name without a type")
        self.add(folded(labels(words[0])), words[1].decode(), words[2:])

    def add(self, name, what, words):
        node = self.nodes.setdefault(name, Node())
        for depth in range(1, len(name)):
            self.nodes.setdefault(name[depth:], Node())
        if what == "DELAY":
            node.delay = float(words[0])
        elif what == "HOLD":
            node.hold = float(words[0])
        elif what in FAULTS:
            node.faults.append((what, {TYPES[word.decode()] for word in words}))
        else:
            data = (bytes.fromhex(words[1].decode()) if words[:1] == [b"\\#"]
                    else DATA[what](words))
            node.records.setdefault(TYPES[what], []).append((self.ttl, data))

    def find(self, name):
        """The node of a name, by way of a wildcard if need be; None if there is none."""
        name = folded(name)
        node = self.nodes.get(name)
        for depth in range(1, len(name) + 1):
            if node is not None or name[depth - 1:] in self.nodes:
                break
            node = self.nodes.get((b"*",) + name[depth:])
        return node


class Question:
    """One question as it came; ValueError if it cannot be read."""

    def __init__(self, packet):
        if len(packet) < 12:
            raise ValueError("no header")
        self.id, flags, count, _, _, more = struct.unpack(">6H", packet[:12])
        if flags & 0x8000 or count != 1:
            raise ValueError("no question")
        name, at = [], 12
        while packet[at:at + 1] != b"\0":
            size = packet[at] if at < len(packet) else 64
            if size > 63:
                raise ValueError("no name")
            name.append(packet[at + 1:at + 1 + size])
            at += 1 + size
        self.name = tuple(name)
        self.type, _ = struct.unpack(">2H", packet[at + 1:at + 5])
        self.section = packet[12:at + 5]    # goes back as it came, case and all
        self.room = UDP_PLAIN
        self.edns = False
        if more and packet[at + 5:at + 8] == b"\0" + struct.pack(">H", OPT):
            self.edns = True
            self.room = min(max(struct.unpack(">H", packet[at + 8:at + 10])[0],
                                UDP_PLAIN), UDP_MAX)


class Answer:
    """The sections behind a question."""

    def __init__(self, zone, question):
        self.code = NOERROR
        self.answers, self.authority = [], []
        owner, owner_at = question.name, struct.pack(">H", QUESTION_AT)
        found = False
        for _ in range(CNAMES_MAX):
            node = zone.find(owner)
            if node is None:
                self.code = NXDOMAIN
                break
            kind = question.type
            if kind not in node.records and TYPES["CNAME"] in node.records:
                kind = TYPES["CNAME"]
            self.add(self.answers, owner_at, kind, node.records.get(kind, []))
            if kind == question.type:
                found = kind in node.records
                break
            owner_at = node.records[kind][0][1]
            owner = unpacked(owner_at)
        if not found:
            self.add(self.authority, b"\0", TYPES["SOA"], [(
                zone.ttl, soa_data([b".", b"."] + [str(zone.ttl).encode()] * 5))])

    @staticmethod
    def add(section, owner, kind, records):
        for ttl, data in records:
            section.append(owner + struct.pack(">2HIH", kind, CLASS_IN, ttl, len(data)) + data)


def unpacked(wire):
    name, at = [], 0
    while wire[at]:
        name.append(wire[at + 1:at + 1 + wire[at]])
        at += 1 + wire[at]
    return tuple(name)


def packet(question, code=NOERROR, answers=(), authority=(), room=65535):
    """The answer's octets; truncated where there is no room for them."""
    opt = b"\0" + struct.pack(">2HIH", OPT, UDP_MAX, 0, 0) if question.edns else b""
    body = b"".join(answers) + b"".join(authority) + opt
    flags = ANSWER | code
    if 12 + len(question.section) + len(body) > room:
        answers, authority, body, flags = (), (), opt, flags | TRUNCATED
    return struct.pack(">6H", question.id, flags, 1, len(answers), len(authority),
                       1 if opt else 0) + question.section + body


def wrong_id(question):
    question.id ^= 0x5555
    return packet(question)


FAULTS = {
    "TIMEOUT": lambda question: None,
    "SERVFAIL": lambda question: packet(question, SERVFAIL),
    "REFUSED": lambda question: packet(question, REFUSED),
    "GARBAGE": lambda question: struct.pack(">H", question.id) + b"\xff" * 40,
    "WRONGID": wrong_id,
}


class Server:
    def __init__(self, zone, port, log):
        self.zone = zone
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(("127.0.0.1", port))
        self.port = self.udp.getsockname()[1]
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind(("127.0.0.1", self.port))
        self.tcp.listen(64)
        self.later = []     # a heap: (when, number, function, octets)
        self.number = 0
        self.holds = True
        woken, self.wakes = socket.socketpair()
        self.wakes.setblocking(False)
        self.ready = selectors.DefaultSelector()
        self.ready.register(self.udp, selectors.EVENT_READ, self.on_datagram)
        self.ready.register(self.tcp, selectors.EVENT_READ, self.on_connection)
        self.ready.register(woken, selectors.EVENT_READ, self.on_release)
        signal.set_wakeup_fd(self.wakes.fileno())
        signal.signal(signal.SIGUSR1, lambda *_: None)

    def run(self):
        while True:
            now = time.monotonic()
            while self.later and self.later[0][0] <= now:
                _, _, send, octets = heapq.heappop(self.later)
                send(octets)
            patience = self.later[0][0] - now if self.later else None
            for key, _ in self.ready.select(patience):
                key.data(key.fileobj)

    def on_datagram(self, udp):
        octets, peer = udp.recvfrom(65535)
        self.answer(octets, "udp", lambda out: quietly(udp.sendto, out, peer))

    def on_connection(self, tcp):
        stream, _ = tcp.accept()
        kept = bytearray()
        self.ready.register(stream, selectors.EVENT_READ,
                            lambda stream: self.on_stream(stream, kept))

    def on_stream(self, stream, kept):
        octets = quietly(stream.recv, 65535)
        if not octets:
            self.ready.unregister(stream)
            stream.close()
            return
        kept += octets
        while len(kept) >= 2 and len(kept) >= 2 + (kept[0] << 8 | kept[1]):
            size = kept[0] << 8 | kept[1]
            self.answer(bytes(kept[2:2 + size]), "tcp", lambda out: quietly(
                stream.sendall, struct.pack(">H", len(out)) + out))
            del kept[:2 + size]

    def answer(self, octets, way, send):
        try:
            question = Question(octets)
        except (ValueError, struct.error):
            return
        kind = TYPE_NAMES.get(question.type, "TYPE%d" % question.type)
        os.write(self.log, b"%s %s %s\n" % (
            shown(folded(question.name)).encode(), kind.encode(), way.encode()))
        node = self.zone.find(question.name)
        fault = node.fault(question.type) if node else None
        if fault:
            out = FAULTS[fault](question)
        else:
            found = Answer(self.zone, question)
            out = packet(question, found.code, found.answers, found.authority,
                         question.room if way == "udp" else 65535)
        if out is not None:
            self.number += 1
            heapq.heappush(self.later, (self.due(node), self.number, send, out))

    def due(self, node):
        now = time.monotonic()
        if node is None:
            return now
        if node.asked is None:
            node.asked = now
        held = node.asked + node.hold if self.holds else now
        return max(now + node.delay, held)

    def on_release(self, woken):
        woken.recv(100)
        self.holds = False
        self.later = [(0, number, send, out) for _, number, send, out in self.later]
        heapq.heapify(self.later)


def quietly(call, *arguments):
    """A client that has gone is no fault of the server's."""
    try:
        return call(*arguments)
    except OSError:
        return None


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    zone, port, log, ready = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = Server(Zone(zone), int(port), log)
    with open(ready + ".new", "w", encoding="ascii") as out:
        out.write("%d\n" % server.port)
    os.rename(ready + ".new", ready)
    server.run()


if __name__ == "__main__":
    main()
