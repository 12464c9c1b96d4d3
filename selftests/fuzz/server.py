#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""server.py PORT: echoes, and keeps the 64 newest connections only: older ones end with a FIN or a RST."""
import collections
import selectors
import socket
import struct
import sys

KEPT = 64
RESET = struct.pack("ii", 1, 0)     # linger for no time


class Server:
    def __init__(self, port):
        self.listener = socket.create_server(("::", port), family=socket.AF_INET6, backlog=128, dualstack_ipv6=True)
        self.listener.setblocking(False)
        self.connections = collections.deque()
        self.ended = 0
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)

    def accept(self, listener):
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        self.connections.append(connection)
        self.selector.register(connection, selectors.EVENT_READ, self.echo)
        if len(self.connections) > KEPT:
            self.end(self.connections[0])

    def echo(self, connection):
        try:
            if data := connection.recv(1 << 16):
                connection.send(data)
                return
        except OSError:
            pass
        self.end(connection)

    def end(self, connection):
        self.ended += 1
        if self.ended % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connections.remove(connection)
        self.selector.unregister(connection)
        connection.close()

    def run(self):
        while True:
            for key, _ in self.selector.select():
                # An earlier one of this round may have ended it.
                if key.fileobj.fileno() >= 0:
                    key.data(key.fileobj)


Server(int(sys.argv[1])).run()
