# SPDX-License-Identifier: GPL-2.0
"""Part of attack.py: what the kernel does by itself it goes on to do with cookies always on."""
import ctypes
import errno
import os
import select
import socket
import struct

import packet
from case import Unfit
from packet import MODULO
from real import (CLIENT, FAMILIES, LOCAL, PATIENCE, SERVER, Tap, exchange, has_socket, header_options, ip, kernel_counter,
                  real_case, receive)
from stranger import Stranger, settle

TCP_MD5SIG, TCP_FASTOPEN, TCP_AO_GET_KEYS, FASTOPEN_OPTION = 14, 23, 41, 34
SIGNATURES = {"MD5": packet.MD5, "AO": packet.AO}


def served(flow, listener, client):
    """The other end of a connection, which works."""
    conn = listener.accept()[0]
    conn.settimeout(PATIENCE)
    if not exchange(client, conn, 5000):
        flow.wrong("data: damaged")
    return conn


@real_case(each=((1,), (0,)))
def time_wait(flow, timestamps):
    """TIME-WAIT of the server is used again with tcp_timestamps={} of the client"""
    flow.kernel_setting(flow.world.client, "tcp_timestamps", timestamps)
    listener = flow.listener()
    flow.mode(3)
    port = 30000 + flow.port
    for turn in range(3):
        client = flow.client(port=port)
        conn = served(flow, listener, client)
        # Who closes first is in TIME-WAIT.
        conn.close()
        flow.same("end of data", client.recv(1), b"")
        client.close()
        flow.becomes("the client's port is free", lambda: not has_socket(flow.world.client, LOCAL, port))
        flow.same("SYNs that met the old socket", flow.risen("syn_passed_connected"), turn)
    flow.same("cookies sent", flow.risen("cookie_sent"), 1)
    flow.mode(2)


def fast_open(flow, data):
    """A connection whose SYN has data, where the client's kernel has a cookie for it."""
    sock = flow.socket(flow.world.client)
    # With a time limit it would not wait for the connection.
    sock.settimeout(None)
    sock.sendto(data, socket.MSG_FASTOPEN, (SERVER[flow.family], flow.port))
    sock.settimeout(PATIENCE)
    return sock


def got(flow, listener, client, data):
    conn = listener.accept()[0]
    conn.settimeout(PATIENCE)
    flow.same("data of the SYN", receive(conn, len(data)), data)
    if not exchange(client, conn, 5000):
        flow.wrong("data: damaged")
    conn.close()
    client.close()


@real_case(each=((1, "asks for Fast Open"), (5, "sends data with the SYN")))
def fast_open_refused(flow, setting, _):
    """tcp_fastopen={}: client that {} of a listener without it"""
    flow.kernel_setting(flow.world.client, "tcp_fastopen", setting)
    ip(flow.world.client, "tcp_metrics flush all\n")
    listener = flow.listener()
    flow.mode(3)
    data = os.urandom(1000)
    tap = Tap(flow.world.client)
    client = fast_open(flow, data)
    syn = tap.find(lambda s: s.dport == flow.port)
    synack = tap.find(lambda s: s.sport == flow.port)
    tap.close()
    got(flow, listener, client, data)
    flow.same("length of the SYN", len(syn.data), 1000 if setting & 4 else 0)
    flow.same("Fast Open asked for, granted", (FASTOPEN_OPTION in header_options(syn.options),
                                               FASTOPEN_OPTION in header_options(synack.options)),
              (not setting & 4, False))
    flow.same("acknowledged", (synack.ack - syn.seq) % MODULO, 1)
    flow.same("cookies sent, back", (flow.risen("cookie_sent"), flow.risen("cookie_valid")), (1, 1))
    flow.mode(2)


@real_case()
def fast_open_cookie(flow):
    """Fast Open of a listener that offers it is the kernel's"""
    flow.kernel_setting(flow.world.server, "tcp_fastopen", 3)
    flow.kernel_setting(flow.world.client, "tcp_fastopen", 1)
    listener = flow.listener(prepare=lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16))
    flow.mode(3)
    passive = kernel_counter(flow.world.server, "netstat", "TcpExt", "TCPFastOpenPassive")
    for turn in (1, 2):
        data = os.urandom(1000)
        got(flow, listener, fast_open(flow, data), data)
        flow.same("SYNs passed", flow.risen("cookie_passed"), turn)
    flow.same("the kernel's own count of those with a cookie",
              kernel_counter(flow.world.server, "netstat", "TcpExt", "TCPFastOpenPassive") - passive, 1)
    flow.same("cookies sent", flow.risen("cookie_sent"), 0)
    flow.mode(2)


def sign(sock, family, address):
    """TCP_MD5SIG: struct tcp_md5sig."""
    packed = packet.packed(address)
    end = struct.pack("=HH4s", FAMILIES[family], 0, packed) if family == 4 else \
        struct.pack("=HHI16sI", FAMILIES[family], 0, 0, packed, 0)
    key = b"a secret"
    sock.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG,
                    end.ljust(128, b"\0") + struct.pack("=BBHi", 0, 0, len(key), 0) + key.ljust(80, b"\0"))


@real_case()
def signed(flow):
    """listener that wants signed segments: the kernel's"""
    listener = flow.listener(prepare=lambda s: sign(s, flow.family, CLIENT[flow.family]))
    flow.mode(3)
    client = flow.client(prepare=lambda s: sign(s, flow.family, SERVER[flow.family]))
    served(flow, listener, client)
    flow.same("SYNs passed", flow.risen("cookie_passed"), 1)
    flow.same("cookies sent", flow.risen("cookie_sent"), 0)
    flow.mode(2)


def looks_at(flow, kind):
    """Has the kernel code for that signature? That for MD5 each one here has."""
    if kind == "MD5":
        return True
    try:
        flow.socket(flow.world.server).getsockopt(socket.IPPROTO_TCP, TCP_AO_GET_KEYS, 256)
    except OSError as error:
        return error.errno != errno.ENOPROTOOPT
    return True


@real_case(each=[(kind,) for kind in SIGNATURES])
def signed_for_nobody(flow, kind):
    """SYN with a signature ({}) for a listener that wants none: the kernel's, if it looks at it"""
    flow.listener()
    flow.mode(3)
    Stranger(flow).syn(options=SIGNATURES[kind])
    settle(flow)
    kernels = looks_at(flow, kind)
    flow.same("SYNs passed, cookies sent", (flow.risen("cookie_passed"), flow.risen("cookie_sent")),
              (int(kernels), int(not kernels)))
    flow.mode(2)


@real_case(families=(4, 6), each=[("MPTCP", "MP_JOIN", True), ("MPTCP", "MP_CAPABLE", False), ("TCP", "MP_JOIN", False)])
def subflow(flow, listens, option, kernels):
    """{0} listener, SYN with {1}: only one more way of a connection is left to the kernel"""
    try:
        flow.listener(protocol=getattr(socket, f"IPPROTO_{listens}"))
    except OSError as error:
        if error.errno == errno.EPROTONOSUPPORT:
            raise Unfit from error
        raise
    flow.mode(3)
    Stranger(flow).syn(options=getattr(packet, option))
    settle(flow)
    flow.same("SYNs passed, cookies sent", (flow.risen("cookie_passed"), flow.risen("cookie_sent")),
              (int(kernels), int(not kernels)))
    flow.mode(2)


SO_ATTACH_FILTER = 26
DROP_ALL = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0))    # return 0


def drop_all(sock):
    program = struct.pack("@HP", 1, ctypes.addressof(DROP_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


@real_case(families=(4, 6))
def filtered(flow):
    """listener with a socket filter, which is asked about each SYN: no cookies"""
    flow.listener(prepare=drop_all)
    flow.mode(3)
    Stranger(flow).syn()
    settle(flow)
    flow.same("SYNs passed, cookies sent", (flow.risen("cookie_passed"), flow.risen("cookie_sent")), (1, 0))
    flow.mode(2)


@real_case(each=[(0,), (1,)])
def small_backlog(flow, backlog):
    """listener with a backlog of {}: clients one after the other are no attack"""
    listener = flow.listener(backlog=backlog)
    for _ in range(3):
        client = flow.client()
        served(flow, listener, client).close()
        client.close()
    flow.same("engaged", flow.risen("engaged"), 0)


@real_case()
def full_queue(flow):
    """full accept queue: SYNs are dropped, and clients connect when there is room again"""
    listener = flow.listener(backlog=1)
    flow.mode(3)
    # The kernel lets one more in.
    first = [flow.client() for _ in range(2)]
    flow.becomes("two in the queue", lambda: flow.risen("handshake_completed") == 2)
    flow.hurry()
    late = flow.socket(flow.world.client)
    late.setblocking(False)
    late.connect_ex((SERVER[flow.family], flow.port))
    flow.becomes("SYN dropped", lambda: flow.risen("syn_dropped_acceptq") >= 1)
    flow.same("cookies sent", flow.risen("cookie_sent"), 2)
    # The kernel's own way out of it: the SYN comes again.
    for client in first:
        served(flow, listener, client)
    flow.same("late client connects", bool(select.select([], [late], [], PATIENCE)[1]), True)
    late.settimeout(PATIENCE)
    served(flow, listener, late)
    flow.least("cookies sent", flow.risen("cookie_sent"), 3)
    flow.mode(2)


@real_case(each=(("loopback",), ("own address",)))
def local(flow, where):
    """{}: what a host says to itself is left alone"""
    address = {"loopback": {4: "127.0.0.1", 6: "::1"}, "own address": SERVER}[where][flow.family]
    listener = flow.listener()
    flow.mode(3)
    client = flow.socket(flow.world.server)
    client.connect((address, flow.port))
    served(flow, listener, client)
    flow.same("what the guard did", {name: flow.risen(name) for name in ("guard_syn", "guard_ack", "cookie_sent")},
              {"guard_syn": 0, "guard_ack": 0, "cookie_sent": 0})
    flow.mode(2)
