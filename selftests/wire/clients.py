# SPDX-License-Identifier: GPL-2.0
"""Good clients and their server: requests whose answers end with a checksum."""
import contextlib
import hashlib
import socket
import threading
import time

from real import PATIENCE, SERVER, receive
from spray import child

BACKLOG = 128
BODY, DIGEST = 50000, hashlib.sha256().digest_size


def body(number):
    """The answer to a request."""
    text = (b"%d " % number) * BODY
    return text[:BODY] + hashlib.sha256(text[:BODY]).digest()


def whole(answer, number):
    return answer.startswith(b"%d " % number) and hashlib.sha256(answer[:BODY]).digest() == answer[BODY:]


def serve(ports):
    """A web server of a kind: a number is a request."""
    def answer(conn):
        with conn, contextlib.suppress(OSError, ValueError):
            conn.settimeout(PATIENCE)
            conn.sendall(body(int(conn.recv(100))))

    def listen(port):
        with socket.create_server(("::", port), family=socket.AF_INET6, backlog=BACKLOG,
                                  dualstack_ipv6=True) as listener:
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threads = [threading.Thread(target=listen, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Clients:
    """Requests one after the other by several workers, until there were enough of them or stop() is called."""

    def __init__(self, flow, ports, workers=4, count=None, pause=0):
        self.flow, self.ports, self.left, self.pause = flow, ports, count, pause
        self.times, self.failures, self.number = [], [], 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def next(self):
        with self.lock:
            if self.left is not None and self.number >= self.left:
                return None
            self.number += 1
            return self.number

    def work(self):
        # A thread's namespace is its own.
        with self.flow.world.client.inside():
            while number := self.next():
                try:
                    self.request(number)
                except (OSError, ValueError) as reason:
                    self.failures.append(f"request {number}: {reason}")
                time.sleep(self.pause)

    def request(self, number):
        family = 4 if number % 2 else 6
        begin = time.monotonic()
        with socket.create_connection((SERVER[family], self.ports[number // 2 % len(self.ports)]),
                                      timeout=PATIENCE) as conn:
            took = time.monotonic() - begin
            conn.sendall(b"%d" % number)
            if not whole(receive(conn, BODY + DIGEST), number):
                raise ValueError("the answer is damaged")
            self.times.append(took)

    def stop(self):
        with self.lock:
            self.left = 0
        self.join()

    def join(self):
        for thread in self.threads:
            thread.join()

    def judge(self, name):
        """At least 99 of 100 have been served, and nothing came damaged."""
        self.times.sort()
        rank = [round(1000 * self.times[int((len(self.times) - 1) * p)]) if self.times else 0 for p in (0.5, 0.99)]
        self.flow.note(f"{name}: {len(self.times)} of {self.number} good requests, to connect: median {rank[0]} ms, "
                       f"99th percentile {rank[1]} ms")
        if len(self.times) < 0.99 * self.number or not self.number:
            self.flow.wrong(f"good requests: {self.failures[:5]}")
        self.flow.same("damaged answers", [f for f in self.failures if "damaged" in f], [])


def connects(port):
    with contextlib.closing(socket.socket(socket.AF_INET6)) as probe:
        return probe.connect_ex(("::1", port)) == 0


def web(flow, ports):
    child(flow, flow.world.server, serve, ports)
    with flow.world.server.inside():
        flow.becomes("web server", lambda: all(connects(port) for port in ports))
