# SPDX-License-Identifier: GPL-2.0
"""Hosts of the tests: namespaces with the kernel's own sockets, and raw hosts that are nothing but a packet socket."""
import contextlib
import ctypes
import os
import select
import socket
import struct
import time

import packet

CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33
ETH_P_ALL, SOL_PACKET, PACKET_IGNORE_OUTGOING = 3, 263, 23
LIBC = ctypes.CDLL(None, use_errno=True)

# How long to wait for what must come, in seconds: a slow machine is no failure.
PATIENCE = 60

# Where the kernel keeps its timestamp offset to itself: lib.sh tells.
NO_COOKIES4 = bool(os.environ.get("SYNWARD_NO_COOKIES4"))


def enter(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        if LIBC.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), path)
    finally:
        os.close(fd)


class Namespace:
    """The network namespace of a process."""

    def __init__(self, pid):
        self.proc = f"/proc/{pid}/net"
        self.path = f"/proc/{pid}/ns/net"

    @contextlib.contextmanager
    def inside(self):
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        enter(self.path)
        try:
            yield
        finally:
            LIBC.setns(home, CLONE_NEWNET)
            os.close(home)

    def socket(self, family, kind=socket.SOCK_STREAM, protocol=0):
        with self.inside():
            return socket.socket(family, kind, protocol)

    def sysctl(self, name, value):
        with self.inside(), open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:
            file.write(f"{value}\n")


class RawHost:
    """A host on a wire, with one address a family and no stack: it says and hears whole packets."""

    def __init__(self, namespace, mac, neighbour, ip4, ip6):
        self.address = {4: packet.packed(ip4), 6: packet.packed(ip6)}
        self.wire = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        with namespace.inside():
            self.wire.bind(("eth0", ETH_P_ALL))
        self.mac, self.neighbour = bytes.fromhex(mac.replace(":", "")), bytes.fromhex(neighbour.replace(":", ""))

    def say(self, what, to=None):
        """A packet, to the only neighbour unless @to is another MAC address."""
        kind = 0x0800 if what[0] >> 4 == 4 else 0x86dd
        self.wire.send((to or self.neighbour) + self.mac + struct.pack("!H", kind) + what)

    def hear(self, patience=PATIENCE):
        """The next packet, or None."""
        if not select.select([self.wire], [], [], patience)[0]:
            return None
        return self.wire.recv(1 << 16)[14:]

    def hear_until(self, wanted, patience=PATIENCE):
        """All packets up to the first for which @wanted is true; whether that one came."""
        heard, end = [], time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            what = self.hear(left)
            if what is None:
                break
            heard.append(what)
            if wanted(what):
                return heard, True
        return heard, False

    def hush(self):
        """Forgets what has come so far."""
        while self.hear(0) is not None:
            pass

    def echo_request(self, family, destination, ident):
        if family == 4:
            body = struct.pack("!BBHHH", 8, 0, 0, ident, 0)
            body = body[:2] + struct.pack("!H", packet.checksum(body)) + body[4:]
            return packet.ip4(self.address[4], destination, body, protocol=1)
        body = struct.pack("!BBHHH", 128, 0, 0, ident, 0)
        pseudo = self.address[6] + destination + struct.pack("!IHBB", len(body), 0, 0, 58)
        body = body[:2] + struct.pack("!H", packet.checksum(pseudo + body)) + body[4:]
        return packet.ip6(self.address[6], destination, body, protocol=58)

    def settle(self, family, destination):
        """Everything said before has been dealt with when a ping comes back. Returns the segments heard until then."""
        ident = int.from_bytes(os.urandom(2), "big")
        reply = struct.pack("!H", ident)
        head, kind, body = (9, 1, 20) if family == 4 else (6, 58, 40)
        self.say(self.echo_request(family, destination, ident))
        heard, came = self.hear_until(lambda p: p[0] >> 4 == family and p[head] == kind and p[body] in (0, 129) and
                                      p[body + 4:body + 6] == reply)
        if not came:
            raise TimeoutError("the ping did not come back")
        return [segment for segment in map(packet.parse, heard) if segment]
