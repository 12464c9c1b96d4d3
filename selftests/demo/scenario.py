#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""One run of the demo: good clients before, during and after a flood, and what the server lives through meanwhile.

It runs on the server's host, starts and ends the clients and the flood, and prints lines of the form

    demo KIND NAME=VALUE NAME=VALUE...

KIND is run (it begins), sample (one a second), event (something happened), says (the tool's own view) or result (the
figures of the whole run). Times are seconds of this machine's monotonic clock since the run began; what was not seen
is "-".
"""

import argparse
import collections
import shlex
import statistics
import subprocess
import threading
import time

PORT = "80"
# How often the listener is looked at, and how often a sample is printed.
POLL_S = 0.05
SAMPLE_S = 1.0
# The flood is there when this many packets come between two polls.
FLOOD_PACKETS = 10
# After the end of all that was waited for, so that one sees calm.
CALM_S = 3
# Part of the SYN queue at which the listener must have help.
THRESHOLD = 0.75

Request = collections.namedtuple("Request", "start end connect_ms outcome")


def say(kind, **values):
    fields = (f"{name}={'-' if value is None else value}" for name, value in values.items())
    print("demo", kind, *fields, flush=True)


# --- what the kernel and the module count


def received_packets(device):
    with open("/proc/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, counters = line.partition(":")
            if name.strip() == device:
                return int(counters.split()[1])
    raise SystemExit(f"no device {device}")


def read_stats():
    with open("/proc/net/synward/stats", encoding="ascii") as file:
        return {name: int(value) for name, value in (line.split() for line in file)}


def read_listener():
    """The web server's line; until its first SYN the module knows of none."""
    listener = {"mode": "normal", "engaged_ms": "0", "synq_len": "0", "synq_max": "0"}
    with open("/proc/net/synward/listeners", encoding="ascii") as file:
        for line in file:
            fields = dict(field.split("=", 1) for field in line.split() if "=" in field)
            if fields.get("port") == PORT:
                listener = fields
    return listener


# --- the good clients


class Clients:
    """Runs them and keeps what they report."""

    def __init__(self, command):
        self.requests = []
        self.process = subprocess.Popen(shlex.split(command), stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            start, seconds, connect, outcome = line.split()
            connect_ms = None if connect == "-" else float(connect) * 1000
            self.requests.append(Request(float(start), float(start) + float(seconds), connect_ms, outcome))

    def await_first(self, seconds):
        end = time.monotonic() + seconds
        while not self.requests and time.monotonic() < end:
            time.sleep(POLL_S)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.reader.join()


def connect_times(requests):
    return sorted(request.connect_ms for request in requests if request.outcome == "ok")


def percentile(values, percent):
    """Of sorted values, by nearest rank."""
    return round(values[max(-(-len(values) * percent // 100), 1) - 1], 1) if values else None


def median(values):
    return round(statistics.median(values), 1) if values else None


def served(requests):
    return sum(request.outcome == "ok" for request in requests)


# --- the listener, as it is watched


class Watch:
    """Looks at the listener and the attacker's link, and notices what changes."""

    def __init__(self, device, started):
        self.device = device
        self.started = started
        self.packets = received_packets(device)
        self.listener = read_listener()
        self.flood_begin = self.flood_end = None
        self.packets_begin = self.packets_end = None
        self.threshold_at = self.engaged_at = self.disengaged_at = None

    def since(self, moment):
        return None if moment is None else round(moment - self.started, 2)

    def event(self, moment, what, **values):
        say("event", t=self.since(moment), what=what, **values)

    def look(self, flood_on):
        now = time.monotonic()
        self.look_at_link(now, flood_on)
        self.look_at_listener(now)

    def look_at_link(self, now, flood_on):
        before, self.packets = self.packets, received_packets(self.device)
        if self.packets - before < FLOOD_PACKETS:
            return
        if self.flood_begin is None:
            if not flood_on:
                return
            self.flood_begin = now
            self.packets_begin = before
            self.event(now, "flood-begins")
        self.flood_end = now
        self.packets_end = self.packets

    def look_at_listener(self, now):
        before, self.listener = self.listener, read_listener()
        mode = self.listener["mode"]
        self.look_at_queue(now)
        if mode == before["mode"]:
            return
        if mode == "cookies":
            moment = now - int(self.listener["engaged_ms"]) / 1000
            self.engaged_at = self.engaged_at or moment
            self.event(moment, "cookies-on", synq=self.listener["synq_len"], synq_max=self.listener["synq_max"])
        else:
            self.disengaged_at = now
            self.event(now, "cookies-off")

    def look_at_queue(self, now):
        length = int(self.listener["synq_len"])
        limit = int(self.listener["synq_max"])
        if self.threshold_at is None and limit and length >= THRESHOLD * limit:
            self.threshold_at = now
            self.event(now, "queue-threshold", synq=length, synq_max=limit)

    def flood_rate(self):
        if self.flood_begin is None or self.flood_end <= self.flood_begin:
            return 0
        return round((self.packets_end - self.packets_begin) / (self.flood_end - self.flood_begin))

    def flood_seconds(self):
        return round(self.flood_end - self.flood_begin, 1) if self.flood_begin else 0

    def seconds_between(self, begin, end):
        if begin is None or end is None:
            return None
        return round(max(end - begin, 0), 2)


# --- one run


class Run:
    def __init__(self, chosen):
        self.chosen = chosen
        self.clients = Clients(chosen.clients)
        self.clients.await_first(30)
        self.started = time.monotonic()
        self.flood = None
        self.watch = Watch(chosen.device, self.started)
        self.stats_begin = self.stats = read_stats()
        self.sampled = self.started
        self.sampled_packets = self.watch.packets
        self.sampled_requests = len(self.clients.requests)
        self.peak_synq = 0

    # phases

    def phase(self, name, seconds, over=None):
        """Watches until the time is up or it is over for other reasons; calm comes after."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if over and over():
                end = min(end, time.monotonic() + CALM_S)
                over = None
            self.watch.look(self.flood is not None)
            self.peak_synq = max(self.peak_synq, int(self.watch.listener["synq_len"]))
            if time.monotonic() - self.sampled >= SAMPLE_S:
                self.sample(name)
            time.sleep(POLL_S)

    def start_flood(self):
        self.flood = subprocess.Popen(shlex.split(self.chosen.flood), stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)

    def stop_flood(self):
        if self.flood.poll() is not None:
            raise SystemExit(f"the flood ended by itself: {self.chosen.flood}")
        self.flood.kill()
        self.flood.wait()
        self.watch.look(True)
        self.watch.event(time.monotonic(), "flood-ends")

    def calm(self):
        return self.watch.listener["mode"] == "normal"

    def play(self):
        chosen = self.chosen
        say("run", name=chosen.name, before=chosen.before, during=chosen.during, after=chosen.after)
        self.phase("before", chosen.before)
        self.start_flood()
        self.phase("during", chosen.during / 2)
        self.ask_tool()
        self.phase("during", chosen.during / 2)
        self.stop_flood()
        self.phase("after", chosen.after, self.calm if self.watch.engaged_at else None)
        self.clients.stop()
        self.result()

    # what is printed

    def sample(self, phase):
        now = time.monotonic()
        passed = now - self.sampled
        before, self.stats = self.stats, read_stats()
        requests = self.clients.requests[self.sampled_requests:]
        packets = self.watch.packets - self.sampled_packets
        say("sample", t=self.watch.since(now), phase=phase, flood=round(packets / passed),
            halfopen=self.stats["halfopen"], synq=self.watch.listener["synq_len"],
            synq_max=self.watch.listener["synq_max"], mode=self.watch.listener["mode"],
            cookies=round((self.stats["cookie_sent"] - before["cookie_sent"]) / passed),
            ok=served(requests), failed=len(requests) - served(requests), connect_ms=median(connect_times(requests)))
        self.sampled = now
        self.sampled_packets += packets
        self.sampled_requests += len(requests)

    def ask_tool(self):
        """The tool's view in the middle of it all."""
        if not self.chosen.tool:
            return
        answer = subprocess.run(shlex.split(self.chosen.tool), capture_output=True, text=True, check=False)
        for line in (answer.stdout + answer.stderr).splitlines():
            print("demo says", line, flush=True)

    def result(self):
        watch = self.watch
        begin = watch.flood_begin or self.started
        end = watch.flood_end or begin
        during = [request for request in self.clients.requests if begin <= request.start < end]
        before = [request for request in self.clients.requests if request.start < begin]
        after = [request for request in self.clients.requests if request.start >= end]
        times, quiet = connect_times(during), connect_times(before)
        stats = read_stats()
        say("result", name=self.chosen.name, flood=watch.flood_rate(), flood_seconds=watch.flood_seconds(),
            requests=len(during), ok=served(during), median_ms=median(times), p99_ms=percentile(times, 99),
            quiet_median_ms=median(quiet), quiet_p99_ms=percentile(quiet, 99),
            before=len(before), before_ok=served(before), after=len(after), after_ok=served(after),
            synq=self.peak_synq, synq_max=watch.listener["synq_max"],
            engage_s=watch.seconds_between(watch.flood_begin, watch.engaged_at),
            threshold_s=watch.seconds_between(watch.threshold_at, watch.engaged_at),
            disengage_s=watch.seconds_between(watch.flood_end, watch.disengaged_at),
            cookies_sent=stats["cookie_sent"] - self.stats_begin["cookie_sent"],
            cookies_valid=stats["cookie_valid"] - self.stats_begin["cookie_valid"],
            why=",".join(sorted({request.outcome for request in during} - {"ok"})) or None)


def options():
    parser = argparse.ArgumentParser(description="One run of the demo.")
    parser.add_argument("name")
    parser.add_argument("--before", type=float, default=8, help="seconds before the flood")
    parser.add_argument("--during", type=float, default=25, help="seconds of flood")
    parser.add_argument("--after", type=float, default=60, help="seconds after it, at most")
    parser.add_argument("--device", required=True, help="where the flood comes in")
    parser.add_argument("--clients", required=True, help="command of the good clients")
    parser.add_argument("--flood", required=True, help="command of the flood")
    parser.add_argument("--tool", help="command whose output is shown in the middle of the flood")
    return parser.parse_args()


Run(options()).play()
