#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Floods of segments that belong to no connection, to a listener, with and without cookies always on."""
import random
import struct

import packet
from case import kernel_case, need_cookies, run
from packet import ACK, FIN, PSH, RST, SYN, URG

SIZE = 1000
SPOOFED = {4: "198.18.0.0", 6: "fd00:3::"}
HEAD, SOURCE_AT = {4: 20, 6: 40}, {4: 12, 6: 8}


def carry(total):
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def flood(flow, flags, seed):
    """Segments from random hosts and ports of a net; all else stays, so each costs a few additions (RFC 1624)."""
    rng = random.Random(seed)
    segment = packet.Segment(packet.packed(SPOOFED[flow.family]), flow.kernel.address, 0, 8000, flags, 0x1234567,
                             0x7654321 if flags & ACK else 0)
    what = bytearray(segment.packet())
    head = HEAD[flow.family]
    host = SOURCE_AT[flow.family] + (2 if flow.family == 4 else 14)
    old, = struct.unpack_from("!H", what, head + 16)
    ip_old, = struct.unpack_from("!H", what, 10)
    for _ in range(SIZE):
        address, port = rng.randrange(1, 65535), rng.randrange(1024, 65536)
        struct.pack_into("!H", what, host, address)
        struct.pack_into("!H", what, head, port)
        struct.pack_into("!H", what, head + 16, ~carry((~old & 0xffff) + address + port) & 0xffff)
        if flow.family == 4:
            struct.pack_into("!H", what, 10, ~carry((~ip_old & 0xffff) + address) & 0xffff)
        flow.host.say(bytes(what))
    flow.settle()


def answers(flow):
    """The segments that the kernel sent to the spoofed hosts."""
    return [s for s in map(packet.parse, iter(lambda: flow.world.right.hear(0), None)) if s and s.sport == 8000]


def entries(flow):
    return [flow.world.watch.count(table) for table in ("halfopen", "established")]


def under(flow, number, flags, seed=1):
    """A live connection and a flood in that mode. Returns what was answered."""
    flow.accept()
    before = entries(flow)
    flow.world.right.hush()
    flow.world.server.sysctl("synward/mode", number)
    flow.world.watch.start()
    try:
        flood(flow, flags, seed)
        heard = answers(flow)
    finally:
        flow.world.server.sysctl("synward/mode", 2)
    if entries(flow)[0] > before[0] or entries(flow)[1] > before[1]:
        flow.wrong(f"entries: {before} before, {entries(flow)} after")
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.kernel.send()
    flow.fake.send(ACK, data=b"still here")
    flow.both("ESTABLISHED", "ESTABLISHED")
    return heard


# Kind, flags, what is counted without cookies and with them. The kernel answers the first three, each with a RST.
STRAY, NONSENSE = {"unknown_flow": SIZE}, {"invalid_packet": SIZE, "invalid_flags": SIZE}
KINDS = (
    ("ACK", ACK, STRAY, {"ack_dropped": SIZE, "cookie_invalid": SIZE}),
    ("FIN and ACK", FIN | ACK, STRAY, {"ack_dropped": SIZE, "cookie_invalid": SIZE}),
    ("SYN-ACK", SYN | ACK, dict(STRAY, synack_received=SIZE), {"ack_dropped": SIZE}),
    ("RST", RST, STRAY, STRAY),
    ("RST and ACK", RST | ACK, STRAY, STRAY),
    ("Xmas", FIN | PSH | URG, NONSENSE, NONSENSE),
    ("null", 0, NONSENSE, NONSENSE),
)
ANSWERED = KINDS[:3]


@kernel_case(families=(4,), each=KINDS)
@kernel_case(families=(6,), each=ANSWERED)
def plain(flow, kind, flags, counters, _):
    """{} flood to a listener: no entries, live connections stay, the kernel answers as ever"""
    heard = under(flow, 2, flags)
    resets = [segment for segment in heard if segment.flags & RST]
    flow.same("RSTs", len(resets), SIZE if kind in {name for name, *_ in ANSWERED} else 0)
    flow.same("other answers", len(heard) - len(resets), 0)
    flow.counted(counters)


@kernel_case(families=(4,), each=KINDS)
@kernel_case(families=(6,), each=ANSWERED)
def engaged(flow, _, flags, __, counters):
    """{} flood to a listener with cookies: no entries, live connections stay, nothing is answered"""
    if "cookie_invalid" in counters:
        need_cookies(flow.family)
    heard = under(flow, 3, flags, 2)
    flow.same("answers", len(heard), 0)
    flow.counted(counters)


@kernel_case(families=(4,))
def monitored(flow):
    """ACK flood in monitor mode: the kernel answers as ever"""
    heard = under(flow, 1, ACK)
    flow.same("RSTs", len(heard), SIZE)
    flow.counted(unknown_flow=SIZE)


run()
