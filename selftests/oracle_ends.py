# SPDX-License-Identifier: GPL-2.0
"""The two ends of a connection and what they can do: oracle.py's sockets.

Nothing here blocks: a step that has to wait is asked again until it is done or its time is up.
"""
import array
import ctypes
import fcntl
import os
import socket
import struct
import time

from oracle_lives import CROSS_DISTANCE, FAST, FILTERED, MUTE, NO_ACK, PLAIN

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SO_ATTACH_FILTER = 26
IP_BIND_ADDRESS_NO_PORT = 24
SIOCOUTQ, SIOCOUTQNSD = 0x5411, 0x894b
MSG_FASTOPEN = 0x20000000
RESET = struct.pack("ii", 1, 0)

# Values of tcp_info.tcpi_state.
STATES = ("", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED", "CLOSE-WAIT",
          "LAST-ACK", "LISTEN", "CLOSING")


class Host:
    """A network namespace, named by a process that lives there."""

    def __init__(self, name, pid, address4, address6):
        self.name, self.pid = name, pid
        self.addresses = {"ipv4": address4, "ipv6": address6, "mapped": address4}
        self.netns = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        self.inode = os.fstat(self.netns).st_ino

    def enter(self):
        if LIBC.setns(self.netns, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter the namespace of {self.name}")

    def socket(self, address):
        self.enter()
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        return sock

    def sysctl(self, name, value):
        self.enter()
        with open("/proc/sys/net/" + name, "w", encoding="ascii") as file:
            file.write(str(value))

    def listen(self, family, port):
        address = {"ipv4": self.addresses["ipv4"], "ipv6": self.addresses["ipv6"], "mapped": "::"}[family]
        sock = self.socket(address)
        if ":" in address:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, family != "mapped")
        sock.bind((address, port))
        if FAST <= port < FAST + 3:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 4096)
        sock.listen(4096)
        return sock


def port_of(base, family):
    return base + ("ipv4", "ipv6", "mapped").index(family)


def plain(name):
    """Address and port of a socket; IPv4 on a dual-stack socket is IPv4."""
    return name[0].removeprefix("::ffff:"), name[1]


class Listeners:
    """All listeners of the hosts that serve, and who has come, by (server, client)."""

    def __init__(self, hosts, bases):
        self.socks = [host.listen(family, port_of(base, family)) for host in hosts for base in bases
                      for family in ("ipv4", "ipv6", "mapped")]
        self.waiting = {}

    def accept(self):
        for sock in self.socks:
            while True:
                try:
                    conn, peer = sock.accept()
                except OSError:
                    break
                conn.setblocking(False)
                conn.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
                ends = plain(conn.getsockname()), plain(peer)
                self.waiting.setdefault(ends, []).append(conn)

    def take(self, server, client):
        queue = self.waiting.get((server, client))
        return queue.pop(0) if queue else None

    def hang_up(self):
        """Those whom nobody has asked for."""
        self.accept()
        for queue in self.waiting.values():
            for conn in queue:
                hang_up(conn)
        self.waiting.clear()


def hang_up(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    except OSError:
        pass
    sock.close()


def keep_alive(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 6)):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


def deafen(sock):
    """A filter that drops whatever comes in: one instruction, return 0."""
    code = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(code)))


class Run:
    """A life being lived. A step is a method that returns False as long as it has to be asked again."""

    def __init__(self, life, client, server, listeners, patience):
        self.life, self.hosts, self.listeners, self.patience = life, {"A": client, "B": server}, listeners, patience
        self.sock = {"A": None, "B": None}
        self.sent = {"A": 0, "B": 0}
        self.got = {"A": 0, "B": 0}
        self.port = {"A": life.port, "B": port_of(life.server_port, life.family)}
        if any(step[1] == "cross" for step in life.steps):
            self.port["B"] = life.port + CROSS_DISTANCE
        self.todo = list(life.steps)
        self.log = []
        self.in_vain = False
        self.left = None
        self.since = None

    def address(self, who):
        return self.hosts[who].addresses[self.life.family]

    def endpoint(self, who):
        return self.address(who), self.port[who]

    def advance(self):
        """Steps until one has to wait. Returns whether anything was done."""
        before = len(self.todo)
        while self.todo:
            who, what, *rest = self.todo[0]
            self.since = self.since or time.monotonic()
            if not self.step(who, what, rest):
                if time.monotonic() - self.since < self.patience:
                    break
                self.log.append(f"{who} {what}: in vain")
                self.in_vain = True
            self.todo.pop(0)
            self.left = self.since = None
        return len(self.todo) < before

    def step(self, who, what, rest):
        opens = what in ("open", "fast", "cross", "again", "accepted", "pause")
        if not opens and not self.sock[who]:
            self.log.append(f"{who} {what}: no socket")
            return True
        try:
            return getattr(self, what.replace(" ", "_"))(who, *rest)
        except BlockingIOError:
            return False
        except OSError as error:
            self.log.append(f"{who} {what}: {error.strerror}")
            return True

    # --- opening

    def prepare(self, who):
        sock = self.sock[who] = self.hosts[who].socket(self.address(who))
        if self.life.autobind and who == "A":
            if sock.family == socket.AF_INET:
                sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        else:
            sock.bind(self.endpoint(who))
        if self.life.keepalive:
            keep_alive(sock)
        return sock

    def know_port(self):
        self.port["A"] = self.sock["A"].getsockname()[1]

    def open(self, who, how=""):
        sock = self.prepare(who)
        if how == "deaf":
            deafen(sock)
        if how == "data on the ACK":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
        sock.connect_ex(self.endpoint("B"))
        self.know_port()
        return True

    def fast(self, who, count):
        sock = self.prepare(who)
        try:
            self.sent[who] += sock.sendto(b"f" * count, MSG_FASTOPEN, self.endpoint("B"))
        except BlockingIOError:
            pass
        self.know_port()
        return True

    def cross(self, who):
        self.life.autobind = False
        self.prepare(who).connect_ex(self.endpoint("B" if who == "A" else "A"))
        return True

    def again(self, who):
        """The same ports once more; the first connection's sockets are done with."""
        for end in ("A", "B"):
            if self.sock[end]:
                self.sock[end].close()
            self.sock[end] = None
            self.sent[end] = self.got[end] = 0
        sock = self.hosts[who].socket(self.address(who))
        sock.bind(self.endpoint(who))
        self.sock[who] = sock
        sock.connect_ex(self.endpoint("B"))
        return True

    def connected(self, who):
        return self.state(who) not in ("SYN-SENT", "SYN-RECEIVED")

    def accepted(self, _):
        self.sock["B"] = self.listeners.take(self.endpoint("B"), self.endpoint("A"))
        if self.sock["B"] and self.life.keepalive:
            keep_alive(self.sock["B"])
        # Nobody comes when the client has failed.
        return bool(self.sock["B"]) or not self.sock["A"] or self.state("A") == "CLOSED"

    # --- data

    def send(self, who, count, flags=0):
        self.left = count if self.left is None else self.left
        while self.left:
            done = self.sock[who].send(b"x" * self.left, flags)
            self.left -= done
            self.sent[who] += done
        return True

    def more(self, who, count):
        """Data that waits for what comes next, the FIN."""
        return self.send(who, count, socket.MSG_MORE)

    def urgent(self, who, count):
        return self.send(who, count, socket.MSG_OOB)

    def stuff(self, who):
        """As much as goes."""
        self.sock[who].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
        begin = self.sent[who]
        try:
            while self.sent[who] - begin < 1000000:
                self.sent[who] += self.sock[who].send(b"x" * 20000)
        except BlockingIOError:
            pass
        self.left = self.left or time.monotonic()
        return time.monotonic() - self.left > 0.3

    def read(self, who):
        """All that the other end has sent."""
        peer = "B" if who == "A" else "A"
        while self.got[who] < self.sent[peer]:
            part = self.sock[who].recv(1 << 16)
            if not part:
                break
            self.got[who] += len(part)
        return True

    def readable(self, who):
        return bool(self.sock[who].recv(1, socket.MSG_PEEK)) or True

    def all_sent(self, who):
        """What is behind it in the queue goes at once. Where a segment may have been lost it does so only when all has been
        acknowledged: the congestion window may be one segment."""
        waiting = array.array("i", [0])
        fcntl.ioctl(self.sock[who], SIOCOUTQ if self.life.lossy else SIOCOUTQNSD, waiting)
        return waiting[0] == 0 or self.state(who) == "CLOSED"

    def eof(self, who):
        while part := self.sock[who].recv(1 << 16):
            self.got[who] += len(part)
        return True

    # --- the end

    def shut(self, who):
        self.sock[who].shutdown(socket.SHUT_WR)
        return True

    def close(self, who):
        self.sock[who].close()
        self.sock[who] = None
        return True

    def silent(self, who):
        """Linux sends no RST in LAST-ACK and CLOSING, FIN-WAIT-1 may become CLOSING at any moment. If the last ACK of the
        other end is lost nobody hears of this, and a listener that takes cookies may take it for one."""
        return self.life.careful and self.state(who) in ("FIN-WAIT-1", "LAST-ACK", "CLOSING")

    def reset(self, who):
        if self.silent(who):
            return self.close(who)
        self.sock[who].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return self.close(who)

    def disconnect(self, who):
        """connect() to nowhere: a RST, and the socket can be used again."""
        if self.silent(who):
            return True
        address = struct.pack("H14x", socket.AF_UNSPEC)
        if LIBC.connect(self.sock[who].fileno(), address, len(address)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return True

    def deaf(self, who):
        deafen(self.sock[who])
        return True

    # --- waiting

    def state(self, who):
        return STATES[self.sock[who].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]

    def until(self, who, state):
        return self.state(who) in (state, "CLOSED")

    def pause(self, _, count_ms):
        return time.monotonic() - self.since >= count_ms / 1000

    def hang_up(self):
        for sock in self.sock.values():
            if sock:
                hang_up(sock)


def lead(runs, listeners):
    """All lives of a group at once, until each has done its steps."""
    runs = list(runs)
    while runs:
        listeners.accept()
        moved = [run.advance() for run in runs]
        runs = [run for run in runs if run.todo]
        if not any(moved):
            time.sleep(0.002)


def serving(hosts):
    return Listeners(hosts, (PLAIN, FAST, FILTERED, NO_ACK, MUTE))
