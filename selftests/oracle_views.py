# SPDX-License-Identifier: GPL-2.0
"""What there is to be compared: the kernel's sockets and the module's flows, as oracle.py sees them."""
import os
import subprocess

SS_NAMES = {"ESTAB": "ESTABLISHED", "SYN-RECV": "SYN-RECEIVED", "UNCONN": "CLOSED"}
TRACE = "/sys/kernel/tracing/instances/oracle/"


def endpoint(text):
    """ADDRESS:PORT as ss prints it; IPv4 on a dual-stack socket is IPv4."""
    address, _, port = text.rpartition(":")
    address = address.strip("[]")
    if address.startswith("::ffff:"):
        address = address[7:]
    return address, int(port) if port.isdigit() else 0


def sockets(host):
    """{(local, peer): (state, line)} of all TCP sockets of a host."""
    host.enter()
    text = subprocess.run(["ss", "-Htano"], stdout=subprocess.PIPE, check=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        state, _, _, local, peer, *_ = line.split()
        if state != "LISTEN":
            found[endpoint(local), endpoint(peer)] = (SS_NAMES.get(state, state), line)
    return found


def flows(host):
    """{{end, end}: {end: state}} of all connections that a host's tracker knows."""
    found = {}
    for name in ("established", "halfopen"):
        with open(f"/proc/{host.pid}/net/synward/{name}", encoding="ascii") as file:
            next(file)
            for line in file:
                add_flow(found, dict(word.split("=", 1) for word in line.split()))
    return found


def add_flow(found, flow):
    """What is half open has begun on the ports of what is established."""
    client = flow["client"], int(flow["client_port"])
    server = flow["server"], int(flow["server_port"])
    found[frozenset((client, server))] = {client: flow["client_state"], server: flow["server_state"]}


class Trace:
    """The module's tracepoint, in a ring of our own; nothing where there is none."""

    def __init__(self):
        try:
            os.makedirs(TRACE, exist_ok=True)
            self.write("buffer_size_kb", 16384)
            self.write("events/synward/flow_state/enable", 1)
            self.works = True
        except OSError:
            self.works = False

    @staticmethod
    def write(name, value):
        with open(TRACE + name, "w", encoding="ascii") as file:
            file.write(str(value))

    def forget(self):
        if self.works:
            self.write("trace", "")

    def of(self, ends, hosts):
        """All segments of one connection."""
        if not self.works:
            return []
        names = [f"[{a}]:{p} " if ":" in a else f"{a}:{p} " for a, p in ends]
        with open(TRACE + "trace", encoding="ascii") as file:
            lines = [line.strip() for line in file if all(name in line for name in names)]
        return [shorten(line, hosts) for line in lines]

    def close(self):
        if self.works:
            self.write("events/synward/flow_state/enable", 0)
            os.rmdir(TRACE)


def shorten(line, hosts):
    head, _, tail = line.partition(" flow_state: ")
    words = dict(word.split("=", 1) for word in tail.split())
    where = {str(host.inode): host.name for host in hosts}.get(words["netns"], words["netns"])
    port = words["client"].rpartition(":")[2]
    return (f"{head.split()[-1]} {where}: client={port} from {words['from']} {words['flags']} "
            f"seq={words['seq']} ack={words['ack']} len={words['len']} "
            f"{words['client_state']}/{words['server_state']} {words['judgement']}")
