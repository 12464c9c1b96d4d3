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
        return [Segment(line, hosts) for line in lines]

    def close(self):
        if self.works:
            self.write("events/synward/flow_state/enable", 0)
            os.rmdir(TRACE)


class Segment:
    """One that a tracker has seen, and what it made of it."""

    def __init__(self, line, hosts):
        head, _, tail = line.partition(" flow_state: ")
        words = dict(word.split("=", 1) for word in tail.split())
        self.time = float(head.split()[-1].rstrip(":"))
        self.watcher = {str(host.inode): host.name for host in hosts}.get(words["netns"], words["netns"])
        self.sender = endpoint(words[words["from"]])
        self.flags = words["flags"].split("|")
        self.seq, self.ack = int(words["seq"]), int(words["ack"])
        self.end = self.seq + int(words["len"]) + ("SYN" in self.flags) + ("FIN" in self.flags)
        self.words = words

    def __str__(self):
        words = self.words
        port = words["client"].rpartition(":")[2]
        return (f"{self.time:.6f}: {self.watcher}: client={port} from {words['from']} {words['flags']} "
                f"seq={words['seq']} ack={words['ack']} len={words['len']} "
                f"{words['client_state']}/{words['server_state']} {words['judgement']}")


def before(one, other):
    """Of sequence numbers."""
    return (one - other) & 0x80000000 != 0


# What comes in less time after what was sent after it may have been overtaken: AGAIN_MIN in state.c, and a tick of it.
AGAIN_MIN = 0.11


def untold(segments, end):
    """Whether one tracker's @segments leave open if @end sent its FIN before it had the other end's, or after: only a
    later copy of it came by, and nothing from behind it well before. When the other end's FIN has come twice what comes
    from behind may be the answer to the second."""
    peer_fins, peer_end, sent, moved, ahead = 0, None, None, False, None
    for segment in segments:
        if segment.sender != end:
            if "FIN" in segment.flags:
                peer_fins, peer_end = peer_fins + 1, segment.end
        elif "FIN" in segment.flags:
            if not peer_fins or before(segment.ack, peer_end):
                return False
            moved = moved or sent is None or before(sent, segment.end)
            return moved and (ahead is None or segment.time - ahead < AGAIN_MIN)
        elif sent is None or "SYN" in segment.flags:
            peer_fins, sent = 0, segment.end
        elif before(sent, segment.end):
            if peer_fins == 1 and before(sent, segment.seq):
                ahead = ahead or segment.time
            sent, moved = segment.end, moved or peer_fins > 0
    return False
