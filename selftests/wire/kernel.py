# SPDX-License-Identifier: GPL-2.0
"""A connection between a raw host and a socket of the kernel under test."""
import contextlib
import socket
import struct

from flow import Expectations
from host import PATIENCE
from packet import ACK, MODULO, SYN, Segment, packed, readable

STATES = [None, "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED",
          "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECEIVED"]
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
HERE = {4: "192.0.2.1", 6: "fd00:1::1"}
TCP_REPAIR = 19


class KernelEnd:
    """The end with a socket."""

    name = "kernel"

    def __init__(self, flow, port):
        self.flow, self.port = flow, port
        self.address = packed(HERE[flow.family])
        self.peer = None
        self.isn = 0
        self.sock = None

    @property
    def name_and_port(self):
        return readable(self.address), self.port

    @property
    def state(self):
        """The kernel's own word for it."""
        return STATES[self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]

    def send(self, data=b"some data"):
        self.sock.sendall(data)
        self.flow.settle()

    def fin(self):
        self.sock.shutdown(socket.SHUT_WR)
        self.flow.settle()

    def rst(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self.flow.settle()

    def vanish(self):
        """The socket goes without a word, as in a crash."""
        self.sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        self.sock.close()


class FakeEnd:
    """The end without one. Its numbers go on as those of a stack would; it answers nothing by itself."""

    def __init__(self, flow, name, port):
        self.flow, self.name, self.port = flow, name, port
        self.host = flow.world.left
        self.address = self.host.address[flow.family]
        self.peer = None
        self.isn = self.nxt = 0x10000000
        self.rcv, self.window = 0, 65535
        self.heard = []

    @property
    def name_and_port(self):
        return readable(self.address), self.port

    def send(self, flags, **fields):
        """The next segment, or with seq= another one. What the kernel answered is in self.heard."""
        ahead = "seq" not in fields
        fields.setdefault("seq", self.nxt)
        fields.setdefault("ack", self.rcv if flags & ACK else 0)
        fields.setdefault("window", self.window)
        segment = Segment(self.address, self.peer.address, self.port, self.peer.port, flags, **fields)
        if ahead:
            self.nxt = segment.end
        self.flow.tell(self, segment)
        self.host.say(segment.packet())
        self.flow.settle()
        return segment

    def receive(self, segment):
        self.heard.append(segment)
        if segment.flags & SYN:
            self.peer.isn = segment.seq
        if segment.flags & SYN or segment.seq == self.rcv:
            self.rcv = segment.end
        self.flow.tell(self.peer, segment)

    @property
    def answers(self):
        """The flags of what came since the last one of ours, one word a segment."""
        return " ".join(segment.letters for segment in self.heard)

    def begin(self, isn):
        self.isn = self.nxt = isn % MODULO


class KernelFlow(Expectations):
    """The kernel's end is the server, or the client after connect()."""

    listeners = {}

    def __init__(self, world, family):
        super().__init__(world, family)
        self.kernel, self.fake = KernelEnd(self, 8000), FakeEnd(self, "fake", world.next_port())
        self.kernel.peer, self.fake.peer = self.fake, self.kernel
        self.client, self.server = self.fake, self.kernel
        self.host = world.left
        self.host.hush()

    def settle(self):
        """Waits until the kernel has dealt with what was said, and hears its answers."""
        self.fake.heard = []
        for segment in self.host.settle(self.family, self.kernel.address):
            if segment.dport == self.fake.port and segment.sport == self.kernel.port:
                self.fake.receive(segment)

    def acknowledged(self):
        """An ACK that the kernel delays has come."""
        for _ in range(20 * PATIENCE):
            if self.fake.heard:
                return
            self.wait(0.05)
            self.settle()
        self.wrong("the kernel has not acknowledged")

    # --- the kernel's end is the server

    def listener(self):
        """Listens on port 8000 of both families, once for all cases."""
        if "socket" not in self.listeners:
            sock = self.world.server.socket(socket.AF_INET6)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("::", 8000))
            sock.listen(128)
            sock.settimeout(PATIENCE)
            self.listeners["socket"] = sock
        return self.listeners["socket"]

    def accept(self, options=b""):
        """A handshake with the fake end as client."""
        listener = self.listener()
        self.fake.send(SYN, options=options)
        self.fake.send(ACK)
        self.kernel.sock = listener.accept()[0]

    # --- the kernel's end is the client

    def connect(self):
        """Sends the SYN; the fake end is the server."""
        self.client, self.server = self.kernel, self.fake
        self.fake.isn = self.fake.nxt = 0x70000000
        sock = self.world.server.socket(FAMILIES[self.family])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HERE[self.family], self.kernel.port if self.kernel.port != 8000 else 0))
        sock.setblocking(False)
        self.kernel.sock, self.kernel.port = sock, sock.getsockname()[1]
        with contextlib.suppress(BlockingIOError):
            sock.connect((readable(self.fake.address), self.fake.port))
        self.settle()

    def connected(self):
        self.connect()
        self.fake.send(SYN | ACK)

    # --- expectations

    def kernel_is(self, state):
        self.same("the kernel's own state", self.kernel.state, state)

    def both(self, client, server, **fields):
        """The module's two states; the kernel's socket agrees on its own."""
        self.states(client, server, **fields)
        self.kernel_is(server if self.server is self.kernel else client)

    def answered(self, letters):
        """The flags of the kernel's answers to the last segment."""
        self.same("answers", self.fake.answers, letters)

    def counted(self, *expected, **more):
        """These counters have risen by this much, and none that tells of trouble."""
        total = dict(more)
        for counters in expected:
            for name, value in counters.items():
                total[name] = total.get(name, 0) + value
        trouble = {"out_of_window", "bad_ack", "bad_rst", "syn_on_live", "invalid_packet", "picked_up", "unknown_flow",
                   "untracked_full", "evicted_established", "evicted_halfopen"}
        risen = self.world.watch.risen()
        self.same("counters", {name: risen[name] for name in sorted(risen) if name in trouble or name in total},
                  {name: total[name] for name in sorted(total) if total[name]})

    def close(self):
        """No socket of a case lives on into the next."""
        if self.kernel.sock is not None and self.kernel.sock.fileno() >= 0:
            self.kernel.rst()
