# SPDX-License-Identifier: GPL-2.0
"""TCP segments in IPv4 and IPv6 packets: built from fields, read back into fields."""
import random
import socket
import struct
from dataclasses import dataclass, replace

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
LETTERS = "FSRPAUEC"
MODULO = 1 << 32

TCP, HOP_BY_HOP, FRAGMENT, DESTINATION = 6, 0, 44, 60


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return ~(total % 0xffff or (0xffff if total else 0)) & 0xffff


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def readable(address):
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


# --- options of the TCP header

NOP, EOL, SACK_OK = b"\1", b"\0", b"\4\2"
# Signatures of nobody: RFC 2385, RFC 5925.
MD5, AO = bytes([19, 18]) + bytes(16), bytes([29, 4, 1, 1])

# RFC 8684: the first way of a connection, and one more.
MP_CAPABLE, MP_JOIN = bytes([30, 4, 1, 1]), bytes([30, 12, 0x10, 1]) + bytes(8)


def mss(value):
    return struct.pack("!BBH", 2, 4, value)


def wscale(value):
    return struct.pack("!BBB", 3, 3, value)


def timestamp(value, echo=0):
    return struct.pack("!BBII", 8, 10, value, echo)


def padded(options):
    return options + EOL * (-len(options) % 4)


# --- the segment

@dataclass(frozen=True)
class Segment:
    source: bytes
    destination: bytes
    sport: int
    dport: int
    flags: int
    seq: int = 0
    ack: int = 0
    window: int = 65535
    options: bytes = b""
    data: bytes = b""
    ae: int = 0         # the bit in front of the flags: accurate ECN, RFC 9768
    doff: int = 0       # another one than the options ask for
    spoil: int = 0      # of the checksum

    @property
    def end(self):
        """The sequence number behind it."""
        return (self.seq + len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)) % MODULO

    @property
    def letters(self):
        return "".join(letter for bit, letter in enumerate(LETTERS) if self.flags >> bit & 1) or "null"

    def tcp(self):
        """The TCP part, checksum included."""
        options = padded(self.options)
        doff = self.doff or 5 + len(options) // 4
        body = struct.pack("!HHIIBBHHH", self.sport, self.dport, self.seq % MODULO, self.ack % MODULO,
                           doff << 4 | self.ae, self.flags, self.window, 0, 0) + options + self.data
        pseudo = self.source + self.destination
        if len(self.source) == 4:
            pseudo += struct.pack("!BBH", 0, TCP, len(body))
        else:
            pseudo += struct.pack("!IHBB", len(body), 0, 0, TCP)
        return body[:16] + struct.pack("!H", checksum(pseudo + body) ^ self.spoil) + body[18:]

    def packet(self):
        return ip(self.source, self.destination, self.tcp())

    def but(self, **changes):
        return replace(self, **changes)


def parse_tcp(source, destination, body):
    sport, dport, seq, ack, doff, flags, window = struct.unpack_from("!HHIIBBH", body)
    head = (doff >> 4) * 4
    return Segment(source, destination, sport, dport, flags, seq, ack, window, body[20:head], body[head:])


def parse(packet):
    """The segment in a packet as a kernel sends it; None when there is none."""
    if packet[0] >> 4 == 4 and packet[9] == TCP:
        length = struct.unpack_from("!H", packet, 2)[0]
        return parse_tcp(packet[12:16], packet[16:20], packet[(packet[0] & 15) * 4:length])
    if packet[0] >> 4 == 6 and packet[6] == TCP:
        length = struct.unpack_from("!H", packet, 4)[0]
        return parse_tcp(packet[8:24], packet[24:40], packet[40:40 + length])
    return None


# --- the packet around it

def ip4(source, destination, body, protocol=TCP, options=b"", fragment=0, ident=None):
    """fragment: the field, flags and offset in eights of bytes."""
    options = padded(options)
    ident = random.getrandbits(16) if ident is None else ident
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), ident, fragment,
                       64, protocol, 0, source, destination) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ip6(source, destination, body, protocol=TCP):
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), protocol, 64, source, destination) + body


def ip(source, destination, body):
    return (ip4 if len(source) == 4 else ip6)(source, destination, body)


EXTENSION = {
    HOP_BY_HOP: bytes([0, 1, 4, 0, 0, 0, 0]),       # length 0, PadN of four bytes
    DESTINATION: bytes([0, 1, 4, 0, 0, 0, 0]),
    FRAGMENT: bytes([0, 0, 0, 1, 2, 3, 4]),         # offset 0, nothing follows: atomic
}


def ip6_chain(source, destination, body, kinds):
    """With extension headers of these kinds in front of TCP."""
    following = TCP
    for kind in reversed(kinds):
        body, following = bytes([following]) + EXTENSION[kind] + body, kind
    return ip6(source, destination, body, following)


def ip6_fragments(source, destination, body, first):
    """Two fragments, the first one with that many bytes."""
    ident = random.getrandbits(32)
    return [ip6(source, destination, struct.pack("!BBHI", TCP, 0, field, ident) + part, FRAGMENT)
            for field, part in ((1, body[:first]), (first, body[first:]))]
