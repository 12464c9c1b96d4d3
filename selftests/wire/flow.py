# SPDX-License-Identifier: GPL-2.0
"""A connection between two raw hosts, and what the module is expected to say of it."""
import time

from packet import ACK, FIN, MODULO, PSH, RST, SYN, Segment, parse, readable

# Two of them at HZ=100.
JIFFIES_MS = 20

HANDSHAKING = {"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED"}

# The counters of a forwarded handshake.
HANDSHAKE = {"syn_received": 1, "synack_received": 1, "handshake_completed": 1}


class End:
    """One endpoint: its numbers go on as those of a stack would, unless a case says otherwise."""

    def __init__(self, flow, name, host, port, isn):
        self.flow, self.name, self.host, self.port = flow, name, host, port
        self.address = host.address[flow.family]
        self.peer = None
        self.isn, self.nxt, self.rcv, self.window = isn, isn, 0, 65535
        self.last = None

    @property
    def name_and_port(self):
        return readable(self.address), self.port

    def segment(self, flags, **fields):
        fields.setdefault("seq", self.nxt)
        fields.setdefault("ack", self.rcv if flags & ACK else 0)
        fields.setdefault("window", self.window)
        return Segment(self.address, self.peer.address, self.port, self.peer.port, flags, **fields)

    def send(self, flags, lost=False, **fields):
        """The next segment, or with seq= another one. @lost: it passes the module and gets no further."""
        ahead = "seq" not in fields
        segment = self.segment(flags, **fields)
        if ahead:
            self.nxt = segment.end
        self.last = segment
        self.flow.tell(self, segment)
        self.flow.carry(self, segment, lost)
        return segment

    def receive(self, segment):
        if segment.flags & SYN or segment.seq % MODULO == self.rcv:
            self.rcv = segment.end

    def again(self):
        """The same segment once more."""
        self.flow.tell(self, self.last)
        self.flow.carry(self, self.last, False)

    def syn(self, **fields):
        return self.send(SYN, **fields)

    def syn_ack(self, **fields):
        return self.send(SYN | ACK, **fields)

    def ack(self, **fields):
        return self.send(ACK, **fields)

    def data(self, data=b"some data", **fields):
        return self.send(ACK | PSH, data=data, **fields)

    def fin(self, **fields):
        return self.send(FIN | ACK, **fields)

    def rst(self, **fields):
        return self.send(RST, **fields)

    def begin(self, isn):
        """A new connection's first sequence number."""
        self.isn = self.nxt = isn % MODULO


class Expectations:
    """What every kind of connection is judged by. Needs client, server, world."""

    def __init__(self, world, family):
        self.world, self.family = world, family
        self.faults, self.story = [], []
        self.waited = 0
        world.watch.start()

    def wrong(self, what):
        self.faults.append(f"after {len(self.story)} segments: {what}")

    def same(self, what, seen, expected):
        if seen != expected:
            self.wrong(f"{what}: expected {expected}, seen {seen}")

    def tell(self, end, segment):
        """A line of the story, with relative numbers."""
        seq = (segment.seq - end.isn + (1 << 31)) % MODULO - (1 << 31)
        ack = (segment.ack - end.peer.isn + (1 << 31)) % MODULO - (1 << 31)
        self.story.append(f"{end.name}: {segment.letters} seq={seq}" + (f" ack={ack}" if segment.flags & ACK else "") +
                          (f" len={len(segment.data)}" if segment.data else ""))

    def entry(self, table):
        return self.world.watch.find(table, self.client.name_and_port, self.server.name_and_port)

    def _judge(self, table, client, server, fields):
        entry = self.entry(table)
        if not entry:
            self.wrong(f"expected {client}/{server}, seen nothing in {table}")
            return
        self.same("states", f"{entry['client_state']}/{entry['server_state']}", f"{client}/{server}")
        for name, value in fields.items():
            self.same(name, entry[name], str(value))

    def states(self, client, server, old=None, promoted=False, **fields):
        """Both states, and fields of the line in /proc; @old: the states of another
        connection or attempt on the same ports, in the other table; @promoted: the server
        took the data of the SYN, so the flow is in the established table already."""
        young = {client, server} <= HANDSHAKING and client != "CLOSED" and not promoted
        table, other = ("halfopen", "established") if young else ("established", "halfopen")
        self._judge(table, client, server, fields)
        if old:
            self._judge(other, *old, {})
        elif self.entry(other):
            self.wrong(f"also in {other}")

    def gone(self):
        """No entry at all, whoever would be the client."""
        for table in ("halfopen", "established"):
            for one, other in ((self.client, self.server), (self.server, self.client)):
                if self.world.watch.find(table, one.name_and_port, other.name_and_port):
                    self.wrong(f"expected no entry, seen one in {table}")

    def counted(self, *expected, **more):
        """Exactly these counters have risen, by this much."""
        total = dict(more)
        for counters in expected:
            for name, value in counters.items():
                total[name] = total.get(name, 0) + value
        self.same("counters", self.world.watch.risen(), total)

    def idle_ms(self):
        entry = self.entry("established")
        return int(entry["idle_ms"]) if entry else -1

    def since_wait(self):
        """How many milliseconds old, at most, is what came after the last wait()."""
        return round((time.monotonic() - self.waited) * 1000) + JIFFIES_MS

    def idle(self):
        """Nothing has refreshed the entry since the last wait()."""
        # First the clock: the machine may stand still before the other.
        most = self.since_wait()
        idle = self.idle_ms()
        if idle <= most:
            self.wrong(f"idle_ms: expected more than {most}, seen {idle}")

    def refreshed(self):
        """Something has refreshed the entry since the last wait()."""
        idle = self.idle_ms()
        most = self.since_wait()
        if not 0 <= idle <= most:
            self.wrong(f"idle_ms: expected at most {most}, seen {idle}")

    def wait(self, seconds):
        time.sleep(seconds)
        self.waited = time.monotonic()

    def close(self):
        pass


class Flow(Expectations):
    """Client on the left, server on the right, forwarded by the host with the module: it sees, and drops nothing."""

    def __init__(self, world, family):
        super().__init__(world, family)
        port = world.next_port()
        self.client = End(self, "client", world.left, port, 0x10000000)
        self.server = End(self, "server", world.right, 80, 0x70000000)
        self.client.peer, self.server.peer = self.server, self.client

    def carry(self, end, segment, lost):
        wire = segment.tcp()
        end.peer.host.hush()
        end.host.say(segment.packet())
        if not end.peer.host.hear_until(lambda packet: packet.endswith(wire))[1]:
            self.wrong("the segment has not passed")
        seen = parse(segment.packet())
        if not lost:
            end.peer.receive(seen)

    def handshake(self, client_options=b"", server_options=b""):
        self.client.syn(options=client_options)
        self.server.syn_ack(options=server_options)
        self.client.ack()

    def reversed(self):
        """The same two hosts, the server taken for the client."""
        other = Flow.__new__(Flow)
        other.__dict__ = dict(self.__dict__, client=self.server, server=self.client)
        return other

    def close_by_client(self):
        """To TIME-WAIT and CLOSED."""
        self.client.fin()
        self.server.fin()
        self.client.ack()
