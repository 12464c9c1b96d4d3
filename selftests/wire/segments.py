#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Segments and packets that are strange in themselves, forwarded, to a listener, and to one that sends cookies."""
import contextlib
import random
import socket

import packet
from case import case, kernel_case, run
from flow import HANDSHAKE
from packet import ACK, CWR, ECE, FIN, NOP, PSH, RST, SACK_OK, SYN, URG, mss, timestamp, wscale

BROADCAST_MAC, MULTICAST_MAC = b"\xff" * 6, bytes.fromhex("01005e000001")


@contextlib.contextmanager
def mode(flow, number):
    flow.world.server.sysctl("synward/mode", number)
    try:
        yield
    finally:
        flow.world.server.sysctl("synward/mode", 2)


def risen(flow, name):
    return flow.world.watch.risen().get(name, 0)


# --- segments that make no sense, on a live connection: forwarded, counted, and nothing else

NONSENSE = (
    ("null", 0), ("SYN and FIN", SYN | FIN), ("SYN and RST", SYN | RST), ("FIN alone", FIN), ("Xmas", FIN | PSH | URG),
    ("RST and FIN", RST | FIN | ACK), ("everything", 0xff), ("SYN, ACK and FIN", SYN | ACK | FIN), ("PSH", PSH),
)


@case(each=NONSENSE)
def nonsense(flow, _, flags):
    """nonsense flags on a live connection: {}"""
    flow.handshake()
    for end in (flow.client, flow.server):
        end.send(flags, seq=end.nxt, ack=end.rcv, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", client_packets=2, server_packets=1)
    flow.counted(HANDSHAKE, invalid_flags=2, invalid_packet=2)


@case(each=(("SYN", SYN), ("RST", RST), ("FIN", FIN | ACK), ("ACK", ACK)))
def bad_checksum(flow, _, flags):
    """{} with a bad checksum on a live connection"""
    flow.handshake()
    flow.client.send(flags, seq=flow.client.nxt, spoil=0x1234, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", client_packets=2, closed_by="none")
    flow.counted(HANDSHAKE, invalid_checksum=1, invalid_packet=1)


@case(each=((1,), (4,), (6,), (15,)))
def bad_doff(flow, doff):
    """data offset {} on a live connection"""
    flow.handshake()
    flow.client.send(RST, seq=flow.client.nxt, doff=doff, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", client_packets=2)
    flow.counted(HANDSHAKE, invalid_doff=1, invalid_packet=1)


@case()
def port_zero(flow):
    """port 0 at both ends"""
    flow.client.port = flow.server.port = 0
    flow.client.syn()
    flow.gone()
    flow.counted(invalid_port=1, invalid_packet=1)


@case()
def port_zero_of_client(flow):
    """port 0 at the client's end is a port like any other"""
    flow.client.port = 0
    flow.handshake()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE)


# --- fragments and extension headers, forwarded

def pass_on(flow, *packets):
    """From client to server; each must come out as the bytes behind the IP header it went in with."""
    for what in packets:
        flow.client.host.say(what)
        tail = what[-8:]
        if not flow.server.host.hear_until(lambda p, tail=tail: p.endswith(tail))[1]:
            flow.wrong("it has not passed")


@case(families=(4,), each=((8,), (16,), (24,)))
def fragments4(flow, first):
    """fragments pass, the first one with {} bytes of TCP, and are no segments"""
    tcp = flow.client.segment(SYN, data=b"0123456789abcdef").tcp()
    ends = flow.client.address, flow.server.address
    pass_on(flow, packet.ip4(*ends, tcp[:first], fragment=0x2000, ident=flow.client.port),
            packet.ip4(*ends, tcp[first:], fragment=first // 8, ident=flow.client.port))
    flow.gone()
    flow.counted(invalid_fragment=2, invalid_packet=2)


@case(families=(6,))
def fragments6(flow):
    """fragments pass and are no segments"""
    tcp = flow.client.segment(SYN, data=b"0123456789abcdef").tcp()
    ends = flow.client.address, flow.server.address
    pass_on(flow, *packet.ip6_fragments(*ends, tcp, 24))
    flow.gone()
    # The second one does not say that it is of TCP where anyone looks.
    flow.counted(invalid_fragment=1, invalid_packet=1)


CHAINS = (
    ("hop-by-hop options", (packet.HOP_BY_HOP,)),
    ("destination options", (packet.DESTINATION,)),
    ("an atomic fragment", (packet.FRAGMENT,)),
    ("all extension headers", (packet.HOP_BY_HOP, packet.DESTINATION, packet.FRAGMENT, packet.DESTINATION)),
)


@case(families=(6,), each=CHAINS)
def chain(flow, _, kinds):
    """a handshake with {}"""
    for end, flags in ((flow.client, SYN), (flow.server, SYN | ACK), (flow.client, ACK)):
        segment = end.segment(flags)
        end.nxt = segment.end
        end.host.say(packet.ip6_chain(segment.source, segment.destination, segment.tcp(), kinds))
        tcp = segment.tcp()
        if not end.peer.host.hear_until(lambda p, tcp=tcp: p.endswith(tcp))[1]:
            flow.wrong("it has not passed")
        end.peer.receive(segment)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE)


@case(families=(4,))
def ip_options(flow):
    """a SYN with IP options"""
    segment = flow.client.segment(SYN)
    pass_on(flow, packet.ip4(segment.source, segment.destination, segment.tcp(), options=b"\1\1\1\1"))
    flow.states("SYN-SENT", "LISTEN")
    flow.counted(syn_received=1)


# --- to a listener with cookies always on: what the guard leaves to the kernel

@kernel_case(families=(4,))
def kernel_fragments4(flow):
    """a SYN in fragments to a listener with cookies: the kernel puts it together and answers"""
    flow.listener()
    with mode(flow, 3):
        segment = packet.Segment(flow.fake.address, flow.kernel.address, flow.fake.port, 8000, SYN, flow.fake.isn)
        for begin, end, field in ((0, 8, 0x2000), (8, None, 1)):
            flow.host.say(packet.ip4(segment.source, segment.destination, segment.tcp()[begin:end], fragment=field,
                                     ident=flow.fake.port))
        flow.settle()
    flow.answered("SA")
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.counted(syn_received=1, synack_sent=1, cookie_sent=0)


@kernel_case(families=(6,))
def kernel_fragments6(flow):
    """a SYN in fragments to a listener with cookies: the kernel answers, no entry"""
    flow.listener()
    with mode(flow, 3):
        segment = packet.Segment(flow.fake.address, flow.kernel.address, flow.fake.port, 8000, SYN, flow.fake.isn,
                                 data=b"0123456789abcdef")
        for fragment in packet.ip6_fragments(segment.source, segment.destination, segment.tcp(), 24):
            flow.host.say(fragment)
        flow.settle()
    flow.answered("SA")
    flow.gone()
    flow.counted(invalid_fragment=1, invalid_packet=1, synack_sent=1, cookie_sent=0)


@kernel_case(families=(6,), each=CHAINS)
def kernel_chain(flow, _, kinds):
    """a SYN to a listener with cookies, with {}: the kernel answers"""
    flow.listener()
    with mode(flow, 3):
        segment = packet.Segment(flow.fake.address, flow.kernel.address, flow.fake.port, 8000, SYN, flow.fake.isn)
        flow.host.say(packet.ip6_chain(segment.source, segment.destination, segment.tcp(), kinds))
        flow.settle()
    flow.answered("SA")
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.counted(syn_received=1, synack_sent=1, cookie_sent=0)


@kernel_case(families=(4,), each=(("no operation", b"\1\1\1\1"), ("router alert", b"\x94\4\0\0")))
def kernel_ip_options(flow, _, options):
    """a SYN to a listener with cookies, with the IP option {}: the kernel answers"""
    flow.listener()
    with mode(flow, 3):
        segment = packet.Segment(flow.fake.address, flow.kernel.address, flow.fake.port, 8000, SYN, flow.fake.isn)
        flow.host.say(packet.ip4(segment.source, segment.destination, segment.tcp(), options=options))
        flow.settle()
    flow.answered("SA")
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.counted(syn_received=1, synack_sent=1, cookie_sent=0)


# --- options of a SYN, with the kernel's own answer and with a cookie

FULL = mss(1460) + SACK_OK + timestamp(1000) + NOP + wscale(7)
OPTIONS = (
    ("no options", b""), ("an unknown option", b"\x42\4\1\2" + FULL), ("an option cut off", FULL + b"\x42"),
    ("MSS 0", mss(0) + FULL[4:]), ("MSS 1", mss(1) + FULL[4:]), ("MSS 65535", mss(65535) + FULL[4:]),
    ("MSS twice", mss(536) + FULL), ("MSS of three bytes", b"\2\3\5" + NOP + FULL[4:]),
    ("window scale 0", FULL[:-1] + b"\0"), ("window scale 14", FULL[:-1] + b"\x0e"),
    ("window scale 15", FULL[:-1] + b"\x0f"), ("window scale 255", FULL[:-1] + b"\xff"),
    ("window scale twice", FULL + wscale(2)), ("TSval 0", mss(1460) + SACK_OK + timestamp(0) + NOP + wscale(7)),
    ("TSval 4294967295", mss(1460) + SACK_OK + timestamp(0xffffffff) + NOP + wscale(7)),
    ("end of options first", b"\0" + FULL), ("nothing but NOP", NOP * 40),
)
# Since 6.7 the kernel drops such SYNs, before that it took what was in front of the bad option.
BAD_OPTIONS = (
    ("option length 0", b"\x42\0" + FULL), ("option length 1", b"\x42\1" + FULL),
    ("option length 255", b"\x42\xff" + FULL), ("a scale option of two bytes", mss(1460) + b"\3\2" + FULL[4:]),
    ("a scale option cut off", mss(1460) + NOP + NOP + NOP + b"\3\3"), ("a bad length at the end", FULL + b"\x42\7"),
)


def stamp_of(options):
    """TSval of a SYN-ACK as the kernel or the module writes it, None when it has none."""
    place = options.find(b"\x08\x0a")
    return None if place < 0 else int.from_bytes(options[place + 2:place + 6], "big")


def negotiated(sock):
    """Options, scale and MSS, in the kernel's own words (struct tcp_info)."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 24)
    return info[5], info[6], int.from_bytes(info[16:20], "little")


def converse(flow, flags, options, **fields):
    """A handshake with these options and data on both sides. Returns what the kernel has negotiated."""
    flow.fake.send(SYN | flags, options=options, **fields)
    if flow.fake.answers not in ("SA", "SAE"):
        flow.wrong(f"answers: expected one SYN-ACK, seen {flow.fake.answers}")
    stamp = stamp_of(flow.fake.heard[0].options)
    echo = NOP + NOP + timestamp(2000, stamp) if stamp is not None else b""
    flow.fake.nxt = flow.fake.isn + 1
    flow.fake.send(ACK | PSH, options=echo, data=b"hello")
    sock = flow.listener().accept()[0]
    flow.kernel.sock = sock
    flow.same("data", sock.recv(100), b"hello")
    flow.both("ESTABLISHED", "ESTABLISHED")
    result = negotiated(sock)
    flow.kernel.rst()
    return result


@kernel_case(each=OPTIONS)
def syn_options(flow, _, options):
    """{}: a cookie negotiates what the kernel itself would"""
    flow.listener()
    with mode(flow, 0):
        plain = converse(flow, 0, options)
    flow.fake.port = flow.world.next_port()
    flow.fake.begin(0x20000000)
    with mode(flow, 3):
        cookie = converse(flow, 0, options)
    # Without timestamps a cookie has no room for SACK and scale.
    if plain[0] & 1:
        flow.same("options and scales", cookie[:2], plain[:2])
    flow.counted(cookie_sent=1, cookie_valid=1, handshake_completed=2, syn_received=2)


@kernel_case(families=(4,), each=BAD_OPTIONS)
def bad_options(flow, _, options):
    """{}: a cookie negotiates what stands before it, data flows"""
    flow.listener()
    with mode(flow, 3):
        converse(flow, 0, options)
    flow.counted(cookie_sent=1, cookie_valid=1, handshake_completed=1, syn_received=1)


@kernel_case(each=(("ECE and CWR", ECE | CWR, 0), ("accurate ECN", ECE | CWR, 1), ("PSH", PSH, 0), ("URG", URG, 0)))
def syn_flags(flow, _, flags, ae):
    """SYN with {}: answered by a cookie, data flows"""
    flow.listener()
    with mode(flow, 3):
        converse(flow, flags, FULL, ae=ae)
    flow.counted(cookie_sent=1, cookie_valid=1, handshake_completed=1)


@kernel_case()
def syn_data(flow):
    """SYN with 1 kB of data: the cookie acknowledges the SYN only"""
    flow.listener()
    with mode(flow, 3):
        flow.fake.send(SYN, data=b"x" * 1000)
        flow.answered("SA")
        flow.same("acknowledged", flow.fake.heard[0].ack, flow.fake.isn + 1)
        flow.gone()
        flow.fake.send(ACK | PSH, seq=flow.fake.isn + 1, data=b"x" * 1000)
        flow.kernel.sock = flow.listener().accept()[0]
    flow.same("data", flow.kernel.sock.recv(2000), b"x" * 1000)
    flow.both("ESTABLISHED", "ESTABLISHED", flags="cookie", client_bytes=1000)
    flow.counted(cookie_sent=1, cookie_valid=1, handshake_completed=1)


@kernel_case()
def late_duplicate(flow):
    """a late duplicate of the first segment after a cookie opens no second connection"""
    flow.listener()
    with mode(flow, 3):
        flow.fake.send(SYN)
        first = flow.fake.send(ACK | PSH, data=b"hello")
        flow.kernel.sock = flow.listener().accept()[0]
        flow.kernel.sock.recv(100)
        flow.fake.send(FIN | ACK)
        flow.acknowledged()
        flow.kernel.fin()
        flow.fake.send(ACK)
        flow.states("TIME-WAIT", "CLOSED")
        flow.fake.send(ACK | PSH, seq=first.seq, ack=first.ack, data=b"hello")
        flow.answered("")
        flow.states("TIME-WAIT", "CLOSED")
    flow.same("sent to the listener", risen(flow, "cookie_valid"), 1)


# --- fuzzed options

FUZZED = 60


def fuzz(rng):
    """0 to 40 bytes: real kinds and lengths mixed with anything."""
    options = b""
    while len(options) < 40 and rng.random() < 0.85:
        kind = rng.choice((0, 1, 2, 3, 4, 5, 8, 19, 29, 30, 34, 254, rng.randrange(256)))
        size = rng.choice((0, 1, 2, 3, 4, 10, 18, 40, 255, rng.randrange(256)))
        options += bytes((kind, size)) + rng.randbytes(rng.randrange(10))
    return options[:40 - rng.choice((0, 0, 1, 2, 3))]


def say_fuzzed(flow, rng):
    """Port and options of each SYN."""
    said = {}
    for _ in range(FUZZED):
        said[flow.world.next_port()] = fuzz(rng)
    for port, options in said.items():
        flow.host.say(packet.Segment(flow.fake.address, flow.kernel.address, port, 8000, SYN, 5000,
                                     options=options).packet())
    return said


def take_back(flow, ports):
    for port in ports:
        flow.host.say(packet.Segment(flow.fake.address, flow.kernel.address, port, 8000, RST, 5001).packet())
    flow.settle()


@kernel_case(each=((0, 1), (0, 2), (3, 3), (3, 4), (3, 5), (3, 6)))
def fuzzed(flow, number, seed):
    """60 SYNs with fuzzed options in mode {}, seed {}: at most one answer each"""
    flow.listener()
    with mode(flow, number):
        said = say_fuzzed(flow, random.Random(seed))
        heard = [segment for segment in flow.host.settle(flow.family, flow.kernel.address) if segment.dport in said]
        take_back(flow, said)
    ports = [segment.dport for segment in heard]
    flow.same("SYNs answered twice", len(ports) - len(set(ports)), 0)
    flow.same("answers that are no SYN-ACK", [s.letters for s in heard if s.letters != "SA" or s.ack != 5001], [])
    signed = {port for port, options in said.items() if b"\x13" in options or b"\x1d" in options}
    # Not all of them: see BAD_OPTIONS.
    if number == 3:
        flow.same("not answered", sorted(set(said) - set(ports) - signed), [])
    flow.same("SYNs", risen(flow, "syn_received"), FUZZED)
    for port in said:
        flow.fake.port = port
        flow.gone()


# --- nobody to answer to

def answers(flow, number, segments, mac):
    """What both raw hosts hear in that mode."""
    flow.world.right.hush()
    with mode(flow, number):
        for segment in segments:
            flow.host.say(segment.packet(), mac)
        heard = flow.host.settle(flow.family, flow.kernel.address)
        heard += [s for s in map(packet.parse, iter(lambda: flow.world.right.hear(0), None)) if s]
    # Not what the kernel says once more to the clients of other cases.
    ports = {segment.sport for segment in segments}
    heard = [segment for segment in heard if segment.dport in ports]
    return [f"{segment.sport} {segment.dport} {segment.letters}" for segment in heard]


def syns(flow, source, destination):
    """To the listener: from any port, and from its own."""
    flow.listener()
    return [packet.Segment(packet.packed(source), packet.packed(destination), port, 8000, SYN, 7)
            for port in (8000, flow.world.next_port())]


@kernel_case(families=(4,), each=(("0.0.0.0",), ("127.0.0.1",), ("224.0.0.1",), ("239.1.2.3",), ("255.255.255.255",),
                                  ("192.0.2.1",)))
@kernel_case(families=(6,), each=(("::1",), ("ff02::1",), ("ff0e::1",), ("::ffff:192.0.2.2",)))
def source(flow, address):
    """SYN from {} is not answered"""
    flow.same("answers", answers(flow, 3, syns(flow, address, packet.readable(flow.kernel.address)), None), [])
    flow.same("cookies", risen(flow, "cookie_sent"), 0)


@kernel_case(families=(4,), each=(("192.0.2.255",),))
@kernel_case(families=(6,), each=(("::",), ("fd00:1::1",)))
def doubtful_source(flow, address):
    """SYN from {} is left to the kernel, whatever it makes of it"""
    plain = answers(flow, 0, syns(flow, address, packet.readable(flow.kernel.address)), None)
    guarded = answers(flow, 3, syns(flow, address, packet.readable(flow.kernel.address)), None)
    flow.same("number of answers", len(guarded), len(plain))
    flow.same("cookies", risen(flow, "cookie_sent"), 0)


@kernel_case(families=(4,), each=(("192.0.2.255",), ("255.255.255.255",), ("224.0.0.1",), ("192.0.2.1",)))
@kernel_case(families=(6,), each=(("ff02::1",), ("ff02::2",), ("::1",), ("fd00:1::1",)))
def destination(flow, address):
    """SYN to {} in a frame for all: no answer, no entry"""
    segments = syns(flow, packet.readable(flow.fake.address), address)
    before = flow.world.watch.count("halfopen")
    for mac in (BROADCAST_MAC, MULTICAST_MAC):
        flow.same("answers", answers(flow, 3, segments, mac), [])
    if packet.packed(address) != flow.kernel.address:
        flow.same("answers", answers(flow, 3, segments, None), [])
    flow.same("cookies", risen(flow, "cookie_sent"), 0)
    flow.same("entries", flow.world.watch.count("halfopen"), before)


run()
