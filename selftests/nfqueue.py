#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A program behind a queue of the firewall that lets pass all that comes: nfqueue.py NUMBER"""
import socket
import struct
import sys

NETLINK_NETFILTER, NFNL_SUBSYS_QUEUE = 12, 3
PACKET, VERDICT, CONFIG = 0, 1, 2
NLM_F_REQUEST, NLMSG_ERROR = 1, 2
CFG_CMD, CFG_PARAMS, PACKET_HDR, VERDICT_HDR = 1, 2, 1, 2
BIND, COPY_META, NF_ACCEPT = 1, 1, 1


def message(kind, queue, attribute, data):
    """With one attribute."""
    body = struct.pack("=BB", 0, 0) + struct.pack(">H", queue)
    body += struct.pack("=HH", 4 + len(data), attribute) + data + bytes(-len(data) % 4)
    return struct.pack("=IHHII", 16 + len(body), NFNL_SUBSYS_QUEUE << 8 | kind, NLM_F_REQUEST, 0, 0) + body


def messages(data):
    """Type and body of each."""
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:length]
        data = data[(length + 3) & ~3:]


def packet_id(body):
    """Of the packet that is asked about: behind struct nfgenmsg are the attributes."""
    at = 4
    while at + 4 <= len(body):
        length, attribute = struct.unpack_from("=HH", body, at)
        if attribute == PACKET_HDR:
            return struct.unpack_from(">I", body, at + 4)[0]
        at += (length + 3) & ~3
    raise ValueError("a packet without a header")


def main(queue):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    sock.bind((0, 0))
    sock.send(message(CONFIG, queue, CFG_CMD, struct.pack(">BBH", BIND, 0, 0)))
    sock.send(message(CONFIG, queue, CFG_PARAMS, struct.pack(">IB", 0, COPY_META)))
    while True:
        for kind, body in messages(sock.recv(1 << 16)):
            if kind == NFNL_SUBSYS_QUEUE << 8 | PACKET:
                sock.send(message(VERDICT, queue, VERDICT_HDR, struct.pack(">II", NF_ACCEPT, packet_id(body))))
            elif kind == NLMSG_ERROR:
                sys.exit(f"the kernel refuses: error {-struct.unpack_from('=i', body)[0]}")


main(int(sys.argv[1]))
