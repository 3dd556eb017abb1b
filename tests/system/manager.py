#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# A service manager of the tests: takes what is sent to a socket as NOTIFY_SOCKET, and
# writes one line for each assignment of each message, "PID NAME=VALUE".  At READY=1 it
# asks at once, and once only, whether themisd answers, which "asked ..." says.
#
#	manager.py SOCKET LOG TMSH CONTROL-SOCKET MILTER-SOCKET

import os
import socket
import struct
import subprocess
import sys

notify, log, tmsh, control, milter = sys.argv[1:]


def status():
    asked = [tmsh, "-s", control, "status"]
    return subprocess.run(asked, stdout=subprocess.DEVNULL).returncode


def negotiated():
    """The first octet of what the milter says to an MTA that begins a session."""
    with socket.socket(socket.AF_UNIX) as mta:
        mta.settimeout(60)
        mta.connect(milter)
        offer = struct.pack(">cIII", b"O", 6, 0x1FF, 0x1FFFFF)
        mta.sendall(struct.pack(">I", len(offer)) + offer)
        answer = mta.recv(5)
        return chr(answer[4]) if len(answer) == 5 else "nothing"


def main():
    taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    taken.bind(notify)
    os.chmod(notify, 0o666)
    with open(log, "w", buffering=1) as out:
        while True:
            text, extra, _, _ = taken.recvmsg(65536, 256)
            pid = struct.unpack("iii", extra[0][2][:12])[0]
            for line in text.decode().splitlines():
                out.write(f"{pid} {line}\n")
            if "READY=1" in text.decode().splitlines():
                out.write(f"asked status {status()} milter {negotiated()}\n")


main()
