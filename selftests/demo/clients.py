#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""Good clients: each opens a new connection for every HTTP request, at its own pace.

Prints one line a request until it is ended:

    START SECONDS CONNECT OUTCOME

START is when it began (monotonic clock), SECONDS how long it took, CONNECT how long the connection alone took, "-"
without one. OUTCOME is "ok" or a word that says what went wrong.
"""

import argparse
import random
import socket
import sys
import threading
import time

PORT = 80
REQUEST = b"GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n"
ANSWER = b"HTTP/1.1 200 "


class Failed(Exception):
    """The outcome, in a word."""


def connect(address, deadline):
    try:
        return socket.create_connection((address, PORT), deadline - time.monotonic())
    except TimeoutError:
        raise Failed("connect-timeout") from None
    except ConnectionRefusedError:
        raise Failed("refused") from None
    except OSError:
        raise Failed("unreachable") from None


def receive(connection, deadline):
    """All that comes, to the end."""
    answer = b""
    while True:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        data = connection.recv(65536)
        if not data:
            return answer
        answer += data


def ask(connection, deadline):
    try:
        connection.sendall(REQUEST)
        answer = receive(connection, deadline)
    except TimeoutError:
        raise Failed("no-answer") from None
    except OSError:
        raise Failed("reset") from None
    if not answer.startswith(ANSWER):
        raise Failed("bad-answer")


def request(address, limit):
    start = time.monotonic()
    took = "-"
    outcome = "ok"
    try:
        with connect(address, start + limit) as connection:
            took = f"{time.monotonic() - start:.6f}"
            ask(connection, start + limit)
    except Failed as failed:
        outcome = str(failed)
    return f"{start:.6f} {time.monotonic() - start:.6f} {took} {outcome}\n"


def work(address, limit, pause):
    # Not all at once.
    time.sleep(random.uniform(0, pause))
    while True:
        sys.stdout.write(request(address, limit))
        sys.stdout.flush()
        time.sleep(random.uniform(0.5, 1.5) * pause)


def options():
    parser = argparse.ArgumentParser(description="Good clients.")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--limit", type=float, default=3, help="seconds a request may take")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two requests of a worker")
    parser.add_argument("address", nargs="+")
    return parser.parse_args()


def main():
    chosen = options()
    for number in range(chosen.workers):
        address = chosen.address[number % len(chosen.address)]
        threading.Thread(target=work, args=(address, chosen.limit, chosen.pause)).start()


main()
