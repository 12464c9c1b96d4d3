#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""listen.py PORT:BACKLOG...: listens there on IPv4 and on IPv6 and never accepts."""

import signal
import socket
import sys


def listen(family, port, backlog):
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(('', port))
    sock.listen(backlog)
    return sock


def main():
    socks = [listen(family, *map(int, arg.split(':')))
             for arg in sys.argv[1:] for family in (socket.AF_INET, socket.AF_INET6)]
    print('listening', len(socks), flush=True)
    signal.pause()


main()
