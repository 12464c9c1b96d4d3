# SPDX-License-Identifier: GPL-2.0
"""What the module says of a namespace: its counters and its connections."""

# They go up and down, or by themselves.
GAUGES = {"version", "halfopen", "established", "closed_timeout", "mode", "listeners", "listeners_engaged",
          "halfopen_max", "established_max", "memory_bytes", "limit_max", "engaged", "disengaged"}


class Watch:
    def __init__(self, namespace):
        self.folder = f"{namespace.proc}/synward"
        self.before = {}
        self.start()

    def _lines(self, name):
        with open(f"{self.folder}/{name}", encoding="ascii") as file:
            return file.read().splitlines()

    def counters(self):
        return {name: int(value) for name, value in (line.split() for line in self._lines("stats"))}

    def start(self):
        self.before = self.counters()

    def risen(self):
        """The counters that have risen since the start, and by how much."""
        now = self.counters()
        return {name: now[name] - self.before[name] for name in now
                if name not in GAUGES and now[name] != self.before[name]}

    def count(self, table):
        """Entries in halfopen or established."""
        return len(self._lines(table)) - 1

    def find(self, table, client, server):
        """The connection between two (address, port), this way round, as a dictionary; None when there is none."""
        ends = " client={} client_port={} ".format(*client) + "server={} server_port={} ".format(*server)
        for line in self._lines(table):
            if ends in line:
                return dict(word.split("=", 1) for word in line.split())
        return None
