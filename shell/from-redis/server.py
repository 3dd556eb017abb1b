# SPDX-License-Identifier: Apache-2.0
"""A redis-server of our own, which reads a dump as no other program can: on a copy, in a
directory of its own, with a UNIX socket and no port; it writes nothing back."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time

import redis

DATABASES = 1024  # a dump with more is refused by the server
# by file, and the name under which it is the server: Debian's redis-tools has it without
# the package that would start one
PROGRAMS = (("redis-server", "redis-server"), ("redis-check-rdb", "redis-server"),
            ("valkey-server", "valkey-server"), ("valkey-check-rdb", "valkey-server"))


class Fault(Exception):
    """In words for whoever started us."""


def check_dump(path):
    """Where the server would say less, or would read half of what there is."""
    if not os.path.isfile(path):
        raise Fault(f"no such file: {path}")
    with open(path, "rb") as file:
        head = file.read(400)
    if not head.startswith(b"REDIS"):
        raise Fault(f"{path} is no dump of Redis (make one: redis-cli --rdb FILE)")
    # 1 as a Redis string of one octet: the beginning of an append-only file
    if b"aof-preamble\xc0\x01" in head or b"aof-base\xc0\x01" in head:
        raise Fault(f"{path} is the beginning of an append-only file, without what came "
                    "later (make a dump: redis-cli --rdb FILE)")


def find_program():
    for file, name in PROGRAMS:
        program = shutil.which(file)
        if program is not None:
            return program, name
    raise Fault("this needs the program redis-server (Debian: redis-tools, "
                "Fedora: valkey); or read a running server: --socket, --url")


def last_words(directory):
    with open(os.path.join(directory, "log"), errors="replace") as log:
        said = [line.strip() for line in log if line.strip()]
    return said[-1] if said else "it said nothing"


def start(program, name, directory):
    with open(os.path.join(directory, "log"), "wb") as log:
        return subprocess.Popen(
            [name, "--port", "0", "--unixsocket", "socket", "--unixsocketperm", "600",
             "--dir", directory, "--dbfilename", "dump.rdb", "--databases", str(DATABASES),
             "--save", "", "--appendonly", "no", "--daemonize", "no",
             "--loglevel", "warning"],
            executable=program, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait(process, client, directory):
    """A large dump takes its time; one that cannot be read ends the server."""
    while process.poll() is None:
        try:
            client.ping()
            return
        except redis.RedisError:
            time.sleep(0.05)
    raise Fault(f"redis-server cannot read it: {last_words(directory)}")


@contextlib.contextmanager
def private(dump, db):
    """A client of a server that has this dump; both are gone at the end."""
    check_dump(dump)
    program, name = find_program()
    with tempfile.TemporaryDirectory(prefix="themis-redis.") as directory:
        socket = os.path.join(directory, "socket")
        if len(socket) > 107:
            raise Fault("the directory for temporary files has too long a name; set TMPDIR")
        shutil.copyfile(dump, os.path.join(directory, "dump.rdb"))
        process = start(program, name, directory)
        try:
            client = redis.Redis(unix_socket_path=socket, db=db)
            wait(process, client, directory)
            yield client
        finally:
            process.kill()  # there is nothing that it would have to save
            process.wait()
