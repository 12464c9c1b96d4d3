#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the tool says of real connections, and what they were.

facts.py TOOL SERVER-PID CLIENT-PID SERVER-IP4 CLIENT-IP4 SERVER-IP6 CLIENT-IP6

Between the two namespaces; each line is a name, what the tool says, and what is true, with tabs
between them. Packets are counted by a packet socket on the client's side.
"""
import array
import contextlib
import fcntl
import itertools
import json
import socket
import ssl
import struct
import subprocess
import sys
import termios
import threading
import time

from oracle_ends import Host

PLAIN, FULL, DEAF, NO_SYN, NO_SYNACK = range(8100, 8105)
UP, DOWN = 100000, 250000
HALF_OPEN, BACKLOG, MORE = 3, 4, 12
SO_RCVBUFFORCE = 33
ETH_P_ALL = 3
SYN = 2

SERVER_RULES = f"""
table inet facts {{
    chain lossy {{ type filter hook prerouting priority 0; tcp dport {NO_SYN} drop; }}
}}
"""
# The capture still sees what is dropped here.
CLIENT_RULES = f"""
table inet facts {{
    chain lossy {{ type filter hook prerouting priority 0; tcp sport {NO_SYNACK} drop; }}
    chain deaf {{ type filter hook prerouting priority 0; tcp sport {DEAF} drop; }}
}}
"""


def say(name, seen, true):
    print(name, seen, true, sep="\t", flush=True)


def wait(what, condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"no {what}")
        time.sleep(0.05)


def nft(host, text):
    host.enter()
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


class Capture:
    """All segments on the client's link, as (source port, destination port): [(flags, sequence number, length)]."""

    def __init__(self, host):
        host.enter()
        self.segments = {}
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.bind(("eth0", ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.setblocking(False)

    def take(self, packet):
        if packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP:
            tcp = packet[(packet[0] & 15) * 4:struct.unpack_from("!H", packet, 2)[0]]
        elif packet[0] >> 4 == 6 and packet[6] == socket.IPPROTO_TCP:
            tcp = packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
        else:
            return
        source, destination, number, _, offset, flags = struct.unpack_from("!HHIIBB", tcp)
        segment = flags, number, len(tcp) - (offset >> 4) * 4
        self.segments.setdefault((source, destination), []).append(segment)

    def read(self):
        try:
            while True:
                self.take(self.socket.recv(1 << 17))
        except BlockingIOError:
            return self.segments

    def of(self, source, destination):
        return self.read().get((source, destination), [])

    def syns(self, source, destination):
        return [number for flags, number, _ in self.of(source, destination) if flags & SYN]


class Connection:
    """Two sockets of the kernel, the client's on a port of its own."""

    made = 0
    # The kernel may choose a port for IPv4 that it has chosen for IPv6.
    ports = itertools.count(20000)

    def __init__(self, hosts, family, port, fast=b""):
        self.server_port = port
        self.peer = None
        hosts.client.enter()
        self.socket = socket.socket(socket.AF_INET6 if family == "ipv6" else socket.AF_INET)
        self.socket.setblocking(False)
        self.client_port = next(self.ports)
        self.socket.bind(("", self.client_port))
        address = hosts.server.addresses[family], port
        if fast:
            with contextlib.suppress(BlockingIOError):
                self.socket.sendto(fast, socket.MSG_FASTOPEN, address)
        else:
            self.socket.connect_ex(address)

    def is_up(self):
        """The client's kernel knows its peer."""
        try:
            self.socket.getpeername()
        except OSError:
            return False
        return True

    def accept(self, listener):
        """The other end; in its handshake's order, one at a time."""
        wait("connection", self.is_up)
        Connection.made += 1
        self.socket.setblocking(True)
        self.peer, _ = listener.accept()
        return self

    def close(self, first, reset):
        """One end closes, then the other."""
        ends = [self.socket, self.peer]
        if first == "server":
            ends.reverse()
        if reset:
            ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ends[0].close()
        if not reset:
            while ends[1].recv(1 << 16):
                pass
        else:
            wait("RST", lambda: ends[1].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x07")
        ends[1].close()


def unacknowledged(sock):
    room = array.array("i", [0])
    fcntl.ioctl(sock, termios.TIOCOUTQ, room)
    return room[0]


def transfer(source, destination, count):
    """COUNT bytes, all acknowledged; returns how many more the kernel has sent, again."""
    sender = threading.Thread(target=source.sendall, args=(bytes(count),))
    sender.start()
    while count:
        count -= len(destination.recv(min(count, 1 << 16)))
    sender.join()
    wait("acknowledgment", lambda: not unacknowledged(source))
    return struct.unpack_from("=Q", source.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 216), 208)[0]


def client_hello():
    outgoing = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="server.test")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Hosts:
    """Both ends, the capture between them, and the tool."""

    def __init__(self, tool, server_pid, client_pid, server4, client4, server6, client6):
        self.tool = tool
        self.server = Host("server", server_pid, server4, server6)
        self.client = Host("client", client_pid, client4, client6)
        self.capture = Capture(self.client)
        self.server.enter()
        self.listeners = {port: socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True,
                                                     backlog=BACKLOG if port == FULL else 64)
                          for port in (PLAIN, FULL, DEAF, NO_SYN, NO_SYNACK)}

    def connect(self, family="ipv4", port=PLAIN, fast=b""):
        return Connection(self, family, port, fast).accept(self.listeners[port])

    def ask(self, host, command):
        host.enter()
        words = [self.tool, command, "--json"]
        return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)[command]

    def flow(self, connection, host=None):
        for flow in self.ask(host or self.server, "flows"):
            if (flow["client_port"], flow["server_port"]) == (connection.client_port, connection.server_port):
                return flow
        return {}

    def listener(self, port):
        return next((x for x in self.ask(self.server, "listeners") if x["port"] == port), {})


def say_numbers(hosts, name, connection):
    """ISNs and packets, against the capture."""
    there = connection.client_port, connection.server_port
    back = there[::-1]
    captured = None
    # A delayed ACK may come between the two looks.
    while captured != (captured := [len(hosts.capture.of(*way)) for way in (there, back)]):
        flow = hosts.flow(connection)
    say(f"{name}: ISNs", (flow["client_isn"], flow["server_isn"]),
        (hosts.capture.syns(*there)[0], hosts.capture.syns(*back)[0]))
    say(f"{name}: packets", (flow["client_packets"], flow["server_packets"]),
        (len(hosts.capture.of(*there)), len(hosts.capture.of(*back))))
    return flow


def show_ends(hosts):
    """Who closes, and how."""
    for number, (first, how) in enumerate((("client", "fin"), ("server", "fin"), ("client", "rst"), ("server", "rst"))):
        connection = hosts.connect(("ipv4", "ipv6")[number % 2])
        connection.close(first, how == "rst")
        flow = say_numbers(hosts, f"{first} {how}", connection)
        say(f"{first} {how}: closed", (flow["closed_by"], flow["closed_how"]), (first, how))
        say(f"{first} {how}: no data", (flow["client_bytes"], flow["server_bytes"], flow["flags"]), (0, 0, []))


def show_transfer(hosts):
    connection = hosts.connect("ipv6")
    again = transfer(connection.socket, connection.peer, UP), transfer(connection.peer, connection.socket, DOWN)
    connection.close("client", False)
    flow = say_numbers(hosts, "transfer", connection)
    say("transfer: bytes", (flow["client_bytes"], flow["server_bytes"]), (UP + again[0], DOWN + again[1]))
    say("transfer: not TLS", flow["flags"], [])


def show_tls(hosts):
    connection = hosts.connect()
    hello = client_hello()
    connection.socket.sendall(hello)
    connection.peer.recv(len(hello), socket.MSG_WAITALL)
    flow = hosts.flow(connection)
    say("ClientHello: marked", (flow["flags"], flow["client_bytes"], flow["closed_how"]),
        (["tls"], len(hello), "none"))
    connection.close("client", False)
    connection = hosts.connect()
    connection.peer.sendall(hello)
    connection.socket.recv(len(hello), socket.MSG_WAITALL)
    connection.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
    connection.peer.recv(100)
    say("ClientHello from a server: not marked", hosts.flow(connection)["flags"], [])
    connection.close("server", False)


def show_fast_open(hosts):
    """The first connection asks for a cookie, the second has data on its SYN."""
    for host in hosts.server, hosts.client:
        host.sysctl("ipv4/tcp_fastopen", 3)
    hosts.listeners[PLAIN].setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
    data = b"x" * 700
    hosts.connect("ipv6", fast=data).close("client", False)
    connection = hosts.connect("ipv6", fast=data)
    # Its server is ready before the client has answered: no time is taken.
    Connection.made -= 1
    connection.peer.recv(len(data), socket.MSG_WAITALL)
    flow = say_numbers(hosts, "Fast Open", connection)
    say("Fast Open: bytes on the SYN", (flow["client_bytes"], flow["flags"]),
        (hosts.capture.of(connection.client_port, PLAIN)[0][2], ["fastopen"]))
    say("Fast Open: all of them", flow["client_bytes"], len(data))
    connection.close("client", False)


def show_retransmits(hosts):
    """SYNs that do not come to the server, SYN-ACKs that do not come to the client."""
    nft(hosts.server, SERVER_RULES)
    nft(hosts.client, CLIENT_RULES)
    syn = Connection(hosts, "ipv4", NO_SYN)
    synack = Connection(hosts, "ipv6", NO_SYNACK)
    wait("second SYN", lambda: len(hosts.capture.syns(syn.client_port, NO_SYN)) > 1)
    wait("second SYN-ACK", lambda: len(hosts.capture.syns(NO_SYNACK, synack.client_port)) > 1)
    nft(hosts.server, "flush chain inet facts lossy")
    nft(hosts.client, "flush chain inet facts lossy")
    syn.accept(hosts.listeners[NO_SYN])
    synack.accept(hosts.listeners[NO_SYNACK])
    flow = hosts.flow(syn, hosts.client)
    say("lost SYNs: retransmissions", flow["syn_retransmit"], len(hosts.capture.syns(syn.client_port, NO_SYN)) - 1)
    say("lost SYNs: unseen by the server", hosts.flow(syn)["syn_retransmit"], 0)
    flow = hosts.flow(synack)
    say("lost SYN-ACKs: retransmissions", (flow["syn_retransmit"], flow["synack_retransmit"]),
        (len(hosts.capture.syns(synack.client_port, NO_SYNACK)) - 1,
         len(hosts.capture.syns(NO_SYNACK, synack.client_port)) - 1))


def kernel_queue(hosts, port):
    """Length and limit of the accept queue, as ss knows them."""
    hosts.server.enter()
    words = ["ss", "-Hltn", f"sport = :{port}"]
    line = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return int(line[1]), int(line[2])


def listen_overflows(hosts):
    hosts.server.enter()
    with open("/proc/thread-self/net/netstat", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(values[names.index("ListenOverflows")])


def show_full(hosts):
    """Nobody accepts: one more than the limit fits, the next SYN is dropped."""
    before = listen_overflows(hosts)
    fit = []
    for _ in range(BACKLOG + 1):
        fit.append(Connection(hosts, "ipv4", FULL))
        wait("connection", fit[-1].is_up)
    Connection.made += len(fit)
    late = Connection(hosts, "ipv4", FULL)
    wait("overflow", lambda: listen_overflows(hosts) > before)
    late.socket.close()
    wait("look at the queue", lambda: hosts.listener(FULL)["acceptq_len"] == BACKLOG + 1)
    seen = hosts.listener(FULL)
    say("full accept queue", (seen["acceptq_len"], seen["acceptq_max"]), kernel_queue(hosts, FULL))
    say("its limit", seen["acceptq_max"], BACKLOG)
    say("its overflows", seen["acceptq_overflow"], listen_overflows(hosts) - before)
    say("its completions", seen["completed"], len(fit))
    return fit


def show_deaf(hosts):
    """The clients do not hear the SYN-ACK, see CLIENT_RULES."""
    deaf = [Connection(hosts, "ipv4", DEAF) for _ in range(HALF_OPEN)]
    wait("SYN queue", lambda: hosts.listener(DEAF).get("synq_len") == HALF_OPEN)
    seen = hosts.listener(DEAF)
    say("SYN queue", (seen["synq_len"], seen["synq_max"], seen["halfopen"]), (HALF_OPEN, 64, HALF_OPEN))
    say("no completions there", (seen["completed"], seen["synq_overflow"]), (0, 0))
    for connection in deaf:
        connection.socket.close()


def show_totals(hosts):
    for _ in range(MORE):
        hosts.connect().close("client", False)
        # One ISN is looked at a jiffy.
        time.sleep(0.02)
    seen = hosts.listener(PLAIN)
    syns = sum(bool(flags & SYN) for (_, port), segments in hosts.capture.read().items() if port == PLAIN
               for flags, _, _ in segments)
    true = sum(port == PLAIN for _, port in hosts.capture.segments)
    say("completions of the listener", (seen["completed"], seen["syn"]), (true, syns))
    # The server has still to take the last ones.
    wait("empty accept queue", lambda: not hosts.listener(PLAIN)["acceptq_len"])
    seen = hosts.listener(PLAIN)
    say("its queues", (seen["synq_len"], seen["acceptq_len"], seen["acceptq_overflow"]), (0, 0, 0))
    say("its ISNs", seen["isn"], "random")
    latency = hosts.ask(hosts.server, "latency")
    for name in ("syn_to_synack", "synack_to_ack"):
        say(f"handshakes of {name}", sum(bucket["count"] for bucket in latency[name]), Connection.made)


def main():
    hosts = Hosts(*sys.argv[1:])
    show_ends(hosts)
    show_transfer(hosts)
    show_tls(hosts)
    show_fast_open(hosts)
    show_retransmits(hosts)
    full = show_full(hosts)
    show_deaf(hosts)
    show_totals(hosts)
    for connection in full:
        connection.socket.close()


main()
