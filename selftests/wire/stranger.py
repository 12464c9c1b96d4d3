# SPDX-License-Identifier: GPL-2.0
"""Clients with no stack, beyond the third host: their segments are made by hand."""
import random

import packet
from host import NO_COOKIES4, PATIENCE, RawHost
from packet import ACK, RST, SYN
from real import SERVER

ETHER = bytes.fromhex("020000000201" "020000000202")    # the server's, the attacker's
ATTACKED_AT = {4: packet.packed("198.51.100.1"), 6: packet.packed("fd00:2::1")}


class Stranger:
    """One client, one connection."""

    def __init__(self, flow, number=1, sport=None):
        self.flow, self.host, self.family = flow, raw_host(flow), flow.family
        self.text = f"203.0.113.{number}" if flow.family == 4 else f"2001:db8::{number:x}"
        self.sport = sport or random.randrange(1024, 65536)
        self.seq = random.getrandbits(32)
        self.isn = None

    def segment(self, flags, **fields):
        return packet.Segment(packet.packed(self.text), packet.packed(SERVER[self.family]), self.sport,
                              fields.pop("dport", self.flow.port), flags, **fields)

    def syn(self, **fields):
        self.host.say(self.segment(SYN, seq=self.seq, **fields).packet())

    def synack(self):
        """The answer; it is remembered for ack(). Where there are no cookies a rule may have dropped the SYN."""
        patience = 2 if NO_COOKIES4 and self.family == 4 else PATIENCE
        heard, came = self.host.hear_until(self.is_for_me, patience)
        if not came:
            raise TimeoutError("no SYN-ACK")
        segment = packet.parse(heard[-1])
        self.isn = segment.seq
        return segment

    def is_for_me(self, what):
        segment = packet.parse(what)
        return segment and segment.dport == self.sport and segment.letters.startswith("SA")

    def ack(self, **fields):
        fields.setdefault("ack", self.isn + 1)
        self.host.say(self.segment(ACK, seq=self.seq + 1, **fields).packet())

    def rst(self):
        self.host.say(self.segment(RST, seq=self.seq + 1).packet())

    def like(self, other):
        """Says what the other one would say."""
        self.seq, self.isn = other.seq, other.isn
        return self


def raw_host(flow):
    """The third host's wire, one for a case."""
    if not hasattr(flow, "raw"):
        flow.raw = RawHost(flow.world.attacker, "02:00:00:00:02:02", "02:00:00:00:02:01", "198.51.100.2", "fd00:2::2")
        flow.closing.callback(flow.raw.wire.close)
    return flow.raw


def half_open(flow, count, first=1):
    """SYNs that will never be followed by anything, one after the other."""
    for number in range(first, first + count):
        Stranger(flow, number % 250 + 1, 2000 + number).syn()
    settle(flow)


def settle(flow):
    """What has been said has been dealt with when a ping comes back."""
    raw_host(flow).settle(flow.family, ATTACKED_AT[flow.family])
