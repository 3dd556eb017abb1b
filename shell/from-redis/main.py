# SPDX-License-Identifier: Apache-2.0
"""Commands of tmsh from the Redis of the Themis in Python.  Started by themis-from-redis.

Exit status: 0 done, 1 something has no command and stands in a comment with its reason,
2 nothing could be read, and nothing is printed.
"""

import argparse
import os
import signal
import sys

import redis

import server
import store
import take
import words


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="themis-from-redis",
        description="Prints what the Redis of the Themis in Python has as commands of "
        "tmsh: tmsh -f FILE and tmsh load FILE take them.",
        epilog="A dump is made by redis-cli --rdb FILE, or is the file of the server, as "
        "/var/lib/redis/dump.rdb.  It is read by a redis-server of its own, on a copy.  "
        "A password for --socket and --url: in the variable REDISCLI_AUTH.")
    parser.add_argument("dump", nargs="?", metavar="DUMP", help="a file of Redis (RDB)")
    parser.add_argument("--socket", metavar="PATH", help="a running server instead: its socket")
    parser.add_argument("--url", help="likewise, as redis://127.0.0.1:6379")
    parser.add_argument("--db", type=int, default=0, metavar="N",
                        help="the database in it (0, which the old one used)")
    parser.add_argument("--monitor", action="store_true",
                        help="all policies with action=monitor, and in a comment behind "
                        "each the command that gives it the action it had")
    arguments = parser.parse_args()
    if sum(map(bool, (arguments.dump, arguments.socket, arguments.url))) != 1:
        parser.error("one of DUMP, --socket and --url is needed")
    if not 0 <= arguments.db < server.DATABASES:
        parser.error("--db: not the number of a database")
    return arguments


def running_server(arguments):
    """A server that others use: nothing is sent to it that changes anything."""
    options = {"db": arguments.db}
    if os.environ.get("REDISCLI_AUTH"):
        options["password"] = os.environ["REDISCLI_AUTH"]
    if arguments.socket:
        return redis.Redis(unix_socket_path=arguments.socket, **options)
    return redis.Redis.from_url(arguments.url, **options)


def convert(client, arguments):
    out = words.Out()
    found = store.Store(client)
    out.comment("Made of the Redis of a Themis in Python.")
    take.everything(found, out, arguments.monitor)
    return found, out


def read(arguments):
    if arguments.dump is None:
        return convert(running_server(arguments), arguments)
    with server.private(arguments.dump, arguments.db) as client:
        return convert(client, arguments)


def tell(found, out):
    """Whoever sends the commands on does not see their comments."""
    if found.foreign or found.elsewhere:
        other = f", and {found.elsewhere} in other databases" if found.elsewhere else ""
        print(f"themis-from-redis: {words.count(found.foreign, 'key')} of other programs left "
              f"alone{other}", file=sys.stderr)
    for what in out.left:
        print(f"themis-from-redis: not taken over: {what}", file=sys.stderr)


def ended(number, _frame):
    sys.exit(128 + number)


def main():
    # so that the private server and its directory go, too
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ended)
    arguments = parse_arguments()
    try:
        found, out = read(arguments)
    except (server.Fault, redis.RedisError, OSError, ValueError) as why:
        print(f"themis-from-redis: {words.shown(str(why))}", file=sys.stderr)
        return 2
    sys.stdout.buffer.write(out.text().encode())
    sys.stdout.flush()
    tell(found, out)
    return 1 if out.left else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(2)
