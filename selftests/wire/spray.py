# SPDX-License-Identifier: GPL-2.0
"""Floods from random hosts: segments are built with few steps each and given to the kernel many at a time."""
import ctypes
import os
import signal
import socket
import struct
import time
import traceback

import packet
from host import LIBC, enter

AT_ONCE = 64
SLOT = 80       # the longest frame is one of 74 bytes
NEXT_HEADER = packet.TCP


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Message(ctypes.Structure):
    """struct mmsghdr"""
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("vector", ctypes.POINTER(Vector)),
                ("vectors", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("sent", ctypes.c_uint32)]


def complement(total):
    return struct.pack("!H", ~(total % 0xffff) & 0xffff)


def words(data):
    """Congruent to the sum of its 16-bit words."""
    return int.from_bytes(data, "big")


def from_1024(port):
    """No port of that little which makes no sense, as 0."""
    return bytes((port[0] | 4, port[1]))


def frames4(ether, server, ports, flags):
    """Without end: SYNs or ACKs with random source, port and numbers. Sources are in 11.0.0.0 to 110.255.255.255."""
    head = ether + struct.pack("!H", 0x0800) + struct.pack("!BBHHHBB", 0x45, 0, 40, 0, 0, 64, NEXT_HEADER)
    tail = struct.pack("!BBH", 5 << 4, flags, 64240)
    head_sum = words(head[14:]) + words(server)
    while True:
        for port in ports:
            port = struct.pack("!H", port)
            number = os.urandom(14)
            source = bytes((11 + number[0] % 100,)) + number[1:4]
            numbers = number[6:14] if flags & packet.ACK else number[6:10] + bytes(4)
            body = from_1024(number[4:6]) + port + numbers + tail
            check = complement(words(source) + words(server) + NEXT_HEADER + 20 + words(body))
            yield head + complement(head_sum + words(source)) + source + server + body + check + b"\0\0"


def frames6(ether, server, ports, flags):
    """The same for IPv6; sources are in 2001:db8::/32."""
    head = ether + struct.pack("!H", 0x86dd) + struct.pack("!IHBB", 6 << 28, 20, NEXT_HEADER, 64)
    tail = struct.pack("!BBH", 5 << 4, flags, 64240)
    while True:
        for port in ports:
            port = struct.pack("!H", port)
            number = os.urandom(22)
            source = b"\x20\x01\x0d\xb8" + number[:12]
            numbers = number[14:22] if flags & packet.ACK else number[14:18] + bytes(4)
            body = from_1024(number[12:14]) + port + numbers + tail
            check = complement(words(source) + words(server) + NEXT_HEADER + 20 + words(body))
            yield head + source + server + body + check + b"\0\0"


class Wire:
    """Sends frames by its device, AT_ONCE in one call."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((device, 0))
        self.room = (ctypes.c_char * (AT_ONCE * SLOT))()
        self.vectors = (Vector * AT_ONCE)()
        self.messages = (Message * AT_ONCE)()
        for i in range(AT_ONCE):
            self.vectors[i].base = ctypes.addressof(self.room) + i * SLOT
            self.messages[i].vector = ctypes.pointer(self.vectors[i])
            self.messages[i].vectors = 1

    def send(self, frames):
        view = memoryview(self.room).cast("B")
        for i, frame in enumerate(frames):
            view[i * SLOT:i * SLOT + len(frame)] = frame
            self.vectors[i].length = len(frame)
        done = 0
        while done < len(frames):
            sent = LIBC.sendmmsg(self.socket.fileno(), ctypes.byref(self.messages, done * ctypes.sizeof(Message)),
                                 len(frames) - done, 0)
            if sent < 0:
                raise OSError(ctypes.get_errno(), "sendmmsg")
            done += sent


def spray(device, ether, servers, ports, flags, per_second=None, count=None):
    """Half IPv4 and half IPv6, to these ports in turn; for ever, or @count."""
    wire = Wire(device)
    sources = frames4(ether, servers[4], ports, flags), frames6(ether, servers[6], ports, flags)
    batch = AT_ONCE if per_second is None else 16
    begin, sent = time.monotonic(), 0
    while count is None or sent < count:
        wire.send([next(source) for _ in range(batch // 2) for source in sources])
        sent += batch
        if per_second and (ahead := begin + sent / per_second - time.monotonic()) > 0:
            time.sleep(ahead)


class Child:
    """A function that runs in a process of its own, in a namespace. No threads may be at work when it is made."""

    def __init__(self, namespace, function, *arguments):
        self.pid = os.fork()
        if self.pid:
            return
        try:
            enter(namespace.path)
            function(*arguments)
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
        finally:
            os._exit(0)

    def running(self):
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.pid = 0
        return bool(self.pid)

    def stop(self):
        if self.running():
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)
            self.pid = 0


def child(flow, namespace, function, *arguments):
    """A child that does not outlive its case."""
    made = Child(namespace, function, *arguments)
    flow.closing.callback(made.stop)
    return made
