# SPDX-License-Identifier: GPL-2.0
"""Connections between two kernels: sockets of ours in the namespaces, and what both ends say of a connection."""
import contextlib
import os
import re
import socket
import struct
import subprocess
import threading
import time

import packet
from case import add
from host import Namespace
from watch import Watch

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
SERVER = {4: "192.0.2.1", 6: "fd00:1::1"}
CLIENT = {4: "192.0.2.2", 6: "fd00:1::2"}
ANY = {4: "0.0.0.0", 6: "::"}
ETH_P_ALL = 3

# How long to wait for what must come, in seconds: a slow machine is no failure.
PATIENCE = 60


class World:
    """Three hosts with stacks of their own."""

    def __init__(self, server, client, attacker):
        self.server, self.client, self.attacker = Namespace(server), Namespace(client), Namespace(attacker)
        self.watch = Watch(self.server)
        self.port = 9000

    def next_port(self):
        self.port += 1
        return self.port


def run_in(namespace, command, stdin=""):
    with namespace.inside():
        done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")


def ip(namespace, commands):
    """Lines for ip(8)."""
    run_in(namespace, ["ip", "-batch", "-"], commands)


def await_for(condition, patience=PATIENCE):
    """Whether it became true."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def move_to(cgroup):
    """All sockets that this process makes from here on belong there."""
    with open(f"/sys/fs/cgroup{cgroup}/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))


# Columns of /proc/net/tcp.
LOCAL, REMOTE = 1, 2


def has_socket(namespace, end, port):
    """One whose LOCAL or REMOTE port that is, IPv4 or IPv6."""
    for name in ("tcp", "tcp6"):
        with open(f"{namespace.proc}/{name}", encoding="ascii") as file:
            if any(line.split()[end].endswith(f":{port:04X}") for line in file):
                return True
    return False


def kernel_counter(namespace, file, group, name):
    """Of /proc/net/snmp or netstat."""
    with open(f"{namespace.proc}/{file}", encoding="ascii") as lines:
        names, values = [line.split() for line in lines if line.startswith(f"{group}:")]
    return int(values[names.index(name)])


# --- what an end says

def options_of(sock):
    """Of struct tcp_info, as "ss -i" shows it."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    options, scales = info[5], info[6]
    snd_mss, = struct.unpack_from("=I", info, 16)
    advmss, = struct.unpack_from("=I", info, 84)
    return {"ts": bool(options & 1), "sack": bool(options & 2), "scaled": bool(options & 4), "ecn": bool(options & 8),
            "snd_wscale": scales & 15, "rcv_wscale": scales >> 4, "snd_mss": snd_mss, "advmss": advmss}


def header_options(raw):
    """{kind: value} of a TCP header's options, in their order."""
    found = {}
    while raw and raw[0]:
        if raw[0] == 1:
            raw = raw[1:]
            continue
        found[raw[0]] = raw[2:raw[1]]
        raw = raw[raw[1]:]
    return found


def on_the_wire(segment):
    """What a SYN or a SYN-ACK asks for."""
    options = header_options(segment.options)
    mss, scale = options.get(2), options.get(3)
    return {"mss": mss and int.from_bytes(mss, "big"), "wscale": scale and scale[0], "order": list(options),
            "flags": segment.letters, "window": segment.window}


class Tap:
    """Hears what a device sends and gets."""

    def __init__(self, namespace, device="eth0"):
        self.wire = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        with namespace.inside():
            self.wire.bind((device, ETH_P_ALL))
        self.wire.settimeout(PATIENCE)

    def find(self, wanted):
        """The first segment for which it is true."""
        while True:
            segment = packet.parse(self.wire.recv(1 << 17)[14:])
            if segment and wanted(segment):
                return segment

    def close(self):
        self.wire.close()


# --- what an end does

def exchange(one, other, size):
    """That many random bytes each way; whether they came as they were sent."""
    for sender, receiver in ((one, other), (other, one)):
        data = os.urandom(size)
        thread = threading.Thread(target=sender.sendall, args=(data,))
        thread.start()
        back = bytearray()
        while len(back) < size and (part := receiver.recv(1 << 17)):
            back += part
        thread.join()
        if back != data:
            return False
    return True


def receive(sock, size):
    back = bytearray()
    while len(back) < size and (part := sock.recv(1 << 17)):
        back += part
    return bytes(back)


# --- a case

class Meeting:
    """What a case begins with. Its sockets are closed after it, and its counters add up then."""

    def __init__(self, world, family):
        self.world, self.family = world, family
        self.faults, self.story = [], []
        self.closing = contextlib.ExitStack()
        self.port = world.next_port()
        world.watch.start()

    def wrong(self, what):
        self.faults.append(what)

    def same(self, what, seen, expected):
        if seen != expected:
            self.wrong(f"{what}: expected {expected}, seen {seen}")

    def least(self, what, seen, least):
        if seen < least:
            self.wrong(f"{what}: expected at least {least}, seen {seen}")

    def most(self, what, seen, most):
        if seen > most:
            self.wrong(f"{what}: expected at most {most}, seen {seen}")

    def becomes(self, what, condition, patience=PATIENCE):
        if not await_for(condition, patience):
            self.wrong(f"{what}: did not come in {patience} s")

    @staticmethod
    def note(text):
        print(f"# {text}", flush=True)

    def hurry(self):
        """For this case SYNs come again as soon as ever: see patient.py."""
        with open("/proc/self/cgroup", encoding="ascii") as file:
            patient = next((line.strip().split(":")[2] for line in file if "/synward-" in line), None)
        if patient:
            move_to("/")
            self.closing.callback(move_to, patient)

    # --- sockets

    def socket(self, namespace, family=None, protocol=0):
        sock = namespace.socket(FAMILIES[family or self.family], protocol=protocol)
        sock.settimeout(PATIENCE)
        return self.closing.enter_context(sock)

    def listener(self, address=None, backlog=64, namespace=None, family=None, prepare=None, protocol=0):
        """@prepare is called with the socket before it is bound."""
        family = family or self.family
        sock = self.socket(namespace or self.world.server, family, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if prepare:
            prepare(sock)
        sock.bind((address or ANY[family], self.port))
        sock.listen(backlog)
        return sock

    def client(self, address=None, port=0, prepare=None):
        """A connection from the client's host."""
        sock = self.socket(self.world.client)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if prepare:
            prepare(sock)
        if port:
            sock.bind((ANY[self.family], port))
        sock.connect((address or SERVER[self.family], self.port))
        return sock

    # --- the module

    def mode(self, number, namespace=None):
        if number == 3 and not namespace:
            self.reach()
        (namespace or self.world.server).sysctl("synward/mode", number)

    def reach(self):
        """Cookies answer only for a listener that a SYN has reached before. This one is taken back."""
        from stranger import Stranger, settle  # pylint: disable=import-outside-toplevel,cyclic-import
        first = Stranger(self, 250)
        first.syn()
        settle(self)
        first.rst()
        settle(self)

    def setting(self, name, value):
        """net.synward.NAME for this case."""
        path = f"synward/{name}"
        with self.world.server.inside(), open(f"/proc/sys/net/{path}", encoding="ascii") as file:
            self.closing.callback(self.world.server.sysctl, path, int(file.read()))
        self.world.server.sysctl(path, value)

    def kernel_setting(self, namespace, name, value):
        """net.ipv4.NAME of a host for this case."""
        path = f"ipv4/{name}"
        with namespace.inside(), open(f"/proc/sys/net/{path}", encoding="ascii") as file:
            self.closing.callback(namespace.sysctl, path, file.read().strip())
        namespace.sysctl(path, value)

    def risen(self, name):
        return self.world.watch.counters()[name] - self.world.watch.before[name]

    def listeners(self):
        """Port: its line, as a dictionary."""
        with open(f"{self.world.watch.folder}/listeners", encoding="ascii") as file:
            lines = [dict(word.split("=", 1) for word in line.split()) for line in file.readlines()[1:]]
        return {int(line["port"]): line for line in lines}

    def mode_of(self, port):
        return self.listeners().get(port, {}).get("mode")

    def close(self):
        self.closing.close()
        if not await_for(lambda: not sums_of(self.world.watch)):
            self.wrong(f"counters: {sums_of(self.world.watch)}")


def sums():
    """The sums that the shell's library knows."""
    with open(os.path.join(os.path.dirname(__file__), "..", "lib.sh"), encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    found = [line.split()[1:] for line in re.findall(r"^\tsum_of .*$", text, re.M)]
    if not found:
        raise RuntimeError("lib.sh has no sums")
    return found


SUMS = sums()


def sums_of(watch):
    """Each sum of counters that does not add up."""
    now = watch.counters()
    return [f"{total}={now[total]} but sum={sum(now[part] for part in parts)}"
            for total, *parts in SUMS if now[total] != sum(now[part] for part in parts)]


def real_case(families=(4, 6), each=((),)):
    """Once for each family and each of the arguments in @each."""
    return lambda function: [add(function, Meeting, families, arguments) for arguments in each][0]
