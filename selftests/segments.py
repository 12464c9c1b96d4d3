#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Segments that no good stack sends, written straight to a device.

segments.py flood6 DEVICE DESTINATION PORT PER-SECOND     SYNs from random /64s until killed
segments.py syns DEVICE PORT                              reads "DESTINATION COUNT SOURCES" a line, and sends COUNT
                                                          SYNs as fast as it can, each from an address of the prefix
                                                          SOURCES taken at random
segments.py bad DEVICE MAC PORT                           reads "KIND SOURCE DESTINATION" a line, KIND a key of BAD,
                                                          and sends one segment for each
segments.py kinds                                         the keys of BAD with the counter of each
"""
import ipaddress
import os
import random
import socket
import struct
import sys
import time

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def packed(address):
    return socket.inet_pton(family_of(address), address)


def tcp(source, destination, port, flags=SYN, sport=None, doff=5, options=b"", payload=b"", spoil=0):
    """A TCP segment with its checksum; source and destination are packed addresses."""
    sport = random.randrange(1024, 65536) if sport is None else sport
    head = struct.pack("!HHIIBBHHH", sport, port, random.getrandbits(32), random.getrandbits(32) if flags & ACK else 0,
                       doff << 4, flags, 64240, 0, 0)
    body = head + options + payload
    pseudo = source + destination
    if len(source) == 4:
        pseudo += struct.pack("!BBH", 0, 6, len(body))
    else:
        pseudo += struct.pack("!IHBB", len(body), 0, 0, 6)
    return body[:16] + struct.pack("!H", checksum(pseudo + body) ^ spoil) + body[18:]


def ip4(source, destination, body, frag=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), random.getrandbits(16), frag, 64, 6, 0,
                       source, destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ip6(source, destination, body):
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), 6, 64, source, destination) + body


def ip(source, destination, body):
    return (ip4 if len(source) == 4 else ip6)(source, destination, body)


def open_device(device):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((device, 0))
    return wire


def frame(mac, packet):
    kind = 0x0800 if packet[0] >> 4 == 4 else 0x86dd
    return bytes.fromhex(mac.replace(":", "")) + bytes(6) + struct.pack("!H", kind) + packet


def flood6(device, destination, port, per_second):
    wire = open_device(device)
    mac = neighbour_of(device, destination)
    end = packed(destination)
    begin, sent = time.monotonic(), 0
    while True:
        # The free /64s of fd00::/16 stand for the whole internet.
        source = b"\xfd\x00" + os.urandom(14)
        wire.send(frame(mac, ip6(source, end, tcp(source, end, int(port)))))
        sent += 1
        ahead = begin + sent / int(per_second) - time.monotonic()
        if ahead > 0.01:
            time.sleep(ahead)


def one_of(sources):
    return ipaddress.ip_address(int(sources.network_address) + random.randrange(sources.num_addresses)).packed


def syns(device, port):
    wire = open_device(device)
    for line in sys.stdin:
        destination, count, sources = line.split()
        mac = neighbour_of(device, destination)
        end = packed(destination)
        froms = [one_of(ipaddress.ip_network(sources)) for _ in range(int(count))]
        # All are made before the first is sent.
        for segment in [frame(mac, ip(source, end, tcp(source, end, int(port)))) for source in froms]:
            wire.send(segment)


def neighbour_of(device, address):
    """The peer's MAC address, from the neighbour table (ip neighbour)."""
    with os.popen(f"ip neighbour show {address} dev {device}") as answer:
        words = answer.read().split()
    return words[words.index("lladdr") + 1]


# name: (counter that rises, arguments of tcp(), families)
BAD = {
    "syn_fin": ("invalid_flags", {"flags": SYN | FIN}),
    "syn_rst": ("invalid_flags", {"flags": SYN | RST}),
    "null": ("invalid_flags", {"flags": 0}),
    "fin_alone": ("invalid_flags", {"flags": FIN}),
    "xmas": ("invalid_flags", {"flags": FIN | PSH | URG}),
    "rst_fin": ("invalid_flags", {"flags": RST | FIN}),
    "psh_alone": ("invalid_flags", {"flags": PSH}),
    "doff_4": ("invalid_doff", {"doff": 4}),
    "doff_0": ("invalid_doff", {"doff": 0}),
    "doff_15": ("invalid_doff", {"doff": 15}),
    "checksum": ("invalid_checksum", {"spoil": 0x5555}),
    "ports_0": ("invalid_port", {"sport": 0, "dport": 0}),
    "short": ("invalid_short", {"cut": 19}),
    "empty": ("invalid_short", {"cut": 0}),
}


def bad_segment(kind, source, destination, port):
    options = dict(BAD[kind][1])
    cut = options.pop("cut", None)
    port = options.pop("dport", port)
    source, destination = packed(source), packed(destination)
    return ip(source, destination, tcp(source, destination, port, **options)[:cut])


def bad(device, mac, port):
    wire = open_device(device)
    for line in sys.stdin:
        wire.send(frame(mac, bad_segment(*line.split(), int(port))))


def kinds():
    for name, (counter, _) in BAD.items():
        print(name, counter)


def main():
    commands = {f.__name__: f for f in (flood6, syns, bad, kinds)}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
