#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Random lives of connections; at rest the module's states must be those of the kernel's sockets.

Connections between the hosts client and server, and between client and far through server. Each of these hosts has a
tracker. When nothing moves any more, both ends of every connection are looked up with ss where they live, and in
every tracker on their way. An end without a socket must be CLOSED, LISTEN or forgotten.

oracle.sh makes the hosts and calls this.
"""
import argparse
import collections
import re
import time

import oracle_ends
import oracle_lives
import oracle_views

HOSTS = {
    "client": ("192.0.2.2", "fd00:1::2"),
    "server": ("192.0.2.1", "fd00:1::1"),
    "far": ("198.51.100.2", "fd00:2::2"),
}
NO_SOCKET = (None, "CLOSED", "LISTEN")
REST_LIMIT = 100
# A segment that nobody answers has passed all trackers when it has been sent so often once more, also where some are lost.
COPIES = 2
# What is seen, and what is, of an end whose FIN was the first or the second: nobody may be able to know (untold()).
CLOSES = ("LAST-ACK", "CLOSING"), ("CLOSED", "TIME-WAIT")

# The kernel begins to forget sockets after a minute, as TIME-WAIT and FIN-WAIT-2: only a very slow machine is still busy
# with the same lives by then.
MEMORY = 50


class Sight:
    """One connection at one moment: the sockets of both ends, and both states in each tracker."""

    def __init__(self, run, sockets, flows):
        self.real, self.lines, self.seen = {}, {}, {}
        ends = {who: run.endpoint(who) for who in "AB"}
        for who, peer in ("AB", "BA"):
            found = sockets[run.hosts[who].name].get((ends[who], ends[peer]), (None, "no socket"))
            self.real[who], self.lines[who] = found
        for name in watchers(run):
            states = flows[name].get(frozenset(ends.values()), {})
            self.seen[name] = {who: states.get(ends[who]) for who in "AB"}

    def __eq__(self, old):
        return self.real == old.real and self.seen == old.seen

    def moves(self, life):
        """A segment will be sent again, and that can tell somebody something new."""
        copies = [int(count) for line in self.lines.values() for count in re.findall(r"timer:\(on,[^,]*,(\d+)\)", line)]
        if life.kind.hangs:
            return life.lossy and any(count < COPIES for count in copies)
        return bool(copies)

    def wrong(self, run, late):
        """(host, end) of each state that is not the socket's. When it is @late a socket that is no more tells nothing."""
        return [(name, who) for name, states in self.seen.items() for who in "AB"
                if (not run.life.kind.local or run.hosts[who].name == name) and
                not (late and not self.real[who]) and not same(states[who], self.real[who])]


def same(seen, real):
    return seen in NO_SOCKET if real in (None, "CLOSED") else seen == real


def watchers(run):
    return ("client", "server", "far") if run.life.routed else ("client", "server")


class Oracle:
    def __init__(self, options):
        self.options = options
        self.hosts = {name: oracle_ends.Host(name, getattr(options, name), *addresses)
                      for name, addresses in HOSTS.items()}
        self.listeners = oracle_ends.serving((self.hosts["server"], self.hosts["far"]))
        self.trace = oracle_views.Trace()
        self.lives, self.wrong, self.rest = (collections.Counter() for _ in range(3))
        self.late = self.in_vain = self.untold = 0
        self.moved = []

    def prepare(self, group):
        for host in self.hosts.values():
            host.sysctl("ipv4/tcp_fastopen", group.fastopen)
            host.sysctl("ipv4/tcp_syncookies", 2 if group.cookies == "kernel's cookies" else 1)
            host.sysctl("synward/timeout_time_wait", 600)
            host.sysctl("synward/mode", 3 if group.cookies == "module's cookies" else 0)
        for name in ("timestamps", "sack", "window_scaling"):
            self.hosts["client"].sysctl(f"ipv4/tcp_{name}", getattr(group, name))

    def run_group(self, number, lives):
        group = oracle_lives.Group(self.options.seed, number, self.options.netem)
        self.prepare(group)
        self.trace.forget()
        runs = [self.make_run(k, group) for k in lives]
        begin = time.monotonic()
        oracle_ends.lead(runs, self.listeners)
        led = time.monotonic()
        sights = self.await_rest(runs)
        print(f"# group {number}: {group}; {len(runs)} lives, {led - begin:.1f} s and "
              f"{time.monotonic() - led:.1f} s to rest; last to rest: {self.moved}", flush=True)
        for run, sight in zip(runs, sights):
            self.judge(run, sight, group, time.monotonic() - begin > MEMORY)
        for run in runs:
            run.hang_up()
        self.listeners.hang_up()

    def make_run(self, number, group):
        life = oracle_lives.Life(self.options.seed, number, group, self.options.kind)
        server = self.hosts["far" if life.routed else "server"]
        return oracle_ends.Run(life, self.hosts["client"], server, self.listeners, 15 if group.netem else 5)

    # --- rest

    def look(self, runs):
        sockets = {name: oracle_views.sockets(host) for name, host in self.hosts.items()}
        flows = {name: oracle_views.flows(host) for name, host in self.hosts.items()}
        return [Sight(run, sockets, flows) for run in runs]

    def await_rest(self, runs):
        """Two equal looks, and no retransmission to come that matters."""
        self.moved = []
        interval = 2.5 if self.options.netem else 0.7
        end = time.monotonic() + REST_LIMIT
        before = None
        while True:
            now = self.look(runs)
            busy = [run.life.number for run, sight in zip(runs, now) if sight.moves(run.life)]
            self.moved = busy or self.moved
            if now == before and not busy:
                return now
            if time.monotonic() > end:
                self.late += 1
                return now
            before = now
            time.sleep(interval)

    # --- the verdict

    def judge(self, run, sight, group, late):
        kind = run.life.kind.name
        self.lives[kind] += 1
        self.in_vain += run.in_vain
        self.rest.update(state or "CLOSED" for state in sight.real.values())
        wrong = sight.wrong(run, late)
        if wrong and all(self.is_untold(run, sight, *place) for place in wrong):
            self.untold += 1
            wrong = []
        if wrong or run.in_vain or self.options.verbose:
            self.show(run, sight, group, wrong)
        if wrong:
            self.wrong[kind] += 1

    def is_untold(self, run, sight, name, who):
        if not self.options.netem or (sight.seen[name][who], sight.real[who]) not in CLOSES:
            return False
        segments = [segment for segment in self.segments(run) if segment.watcher == name]
        return oracle_views.untold(segments, run.endpoint(who))

    def segments(self, run):
        return self.trace.of([run.endpoint(who) for who in "AB"], self.hosts.values())

    def show(self, run, sight, group, wrong):
        again = f"oracle.sh --seed {self.options.seed} --only {run.life.number}" + " --netem" * self.options.netem
        again += f" --kind '{self.options.kind}'" if self.options.kind else ""
        lines = [str(run.life), f"  under: {group}", f"  went otherwise: {'; '.join(run.log) or 'nothing'}"]
        lines += [f"  socket of {who} ({run.hosts[who].name}): {sight.lines[who]}" for who in "AB"]
        for name, states in sight.seen.items():
            marks = "".join(f" {who}={states[who]}" + " WRONG" * ((name, who) in wrong) for who in "AB")
            lines.append(f"  tracker of {name}:{marks}")
        lines.append(f"  again: {again}")
        lines += [f"  {segment}" for segment in self.segments(run)]
        print("\n".join("# " + part for line in lines for part in line.split("\n")), flush=True)

    def report(self):
        for kind in sorted(self.lives):
            print(f"# {kind}: {self.lives[kind]} lives, {self.wrong[kind]} wrong")
        print(f"# simultaneous or not, nobody could know: {self.untold} lives")
        print("# ends at rest: " + " ".join(f"{name}={count}" for name, count in sorted(self.rest.items())))
        print(f"lives={sum(self.lives.values())} wrong={sum(self.wrong.values())} restless={self.late} "
              f"in_vain={self.in_vain} kinds_missing={len(oracle_lives.KINDS) - len(self.lives)} states={len(self.rest)}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in HOSTS:
        parser.add_argument(f"--{name}", type=int, required=True, metavar="PID", help="a process in its namespace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first life")
    parser.add_argument("--lives", type=int, default=1000, help="how many")
    parser.add_argument("--only", type=int, help="this one alone")
    parser.add_argument("--kind", choices=[kind.name for kind in oracle_lives.KINDS], help="nothing but lives of this kind")
    parser.add_argument("--netem", action="store_true", help="the links lose, double and reorder")
    parser.add_argument("--verbose", action="store_true", help="show every life, not only the wrong ones")
    return parser.parse_args()


def main():
    options = parse()
    numbers = range(options.first, options.first + options.lives) if options.only is None else [options.only]
    groups = collections.defaultdict(list)
    for number in numbers:
        groups[number // oracle_lives.GROUP].append(number)
    oracle = Oracle(options)
    for number, lives in groups.items():
        oracle.run_group(number, lives)
    oracle.trace.close()
    oracle.report()


main()
