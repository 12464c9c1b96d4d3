# SPDX-License-Identifier: GPL-2.0
"""Part of attack.py: the settings of the guard, and its tracepoint."""
import time

from clients import BACKLOG
from real import SERVER, await_for, real_case
from stranger import Stranger, half_open, raw_host

TRACING = "/sys/kernel/tracing"


# --- how it is tuned

def engages(flow):
    return flow.risen("engaged") == 1


def press(flow, first, count):
    """SYNs, two at a time, until the listener engages, but not more than that. SYNs are counted in the second in which
    they come, and the queue is looked at once a jiffy: a slow machine needs some more than are due."""
    for number in range(first, first + count, 2):
        half_open(flow, 2, number)
        if await_for(lambda: engages(flow), 0.5):
            return
    flow.wrong(f"not engaged by {count} more SYNs")


def fresh(flow, backlog=BACKLOG):
    """A listener in adaptive mode; its half-open connections go with it."""
    flow.mode(2)
    flow.listener(backlog=backlog)
    raw_host(flow)


@real_case(each=((25,), (50,)))
def engage_synq(flow, percent):
    """engage_synq={}: engages when that much of the SYN queue is taken, not before"""
    fresh(flow)
    flow.setting("engage_synq", percent)
    flow.setting("engage_halfopen", 1 << 24)
    due = BACKLOG * percent // 100
    half_open(flow, due)
    time.sleep(0.6)
    flow.same("engaged early", flow.risen("engaged"), 0)
    press(flow, due + 1, due // 2)
    flow.same("its mode", flow.mode_of(flow.port), "cookies")


@real_case(families=(4,))
def engage_halfopen(flow):
    """engage_halfopen=20: engages at so many half-open connections, not before"""
    fresh(flow, 1000)
    flow.setting("engage_synq", 100)
    flow.setting("engage_halfopen", 20)
    half_open(flow, 18)
    time.sleep(0.6)
    flow.same("engaged early", flow.risen("engaged"), 0)
    press(flow, 100, 40)


@real_case(families=(4,), each=((2,), (5,)))
def hold(flow, seconds):
    """hold={}: lets go after that many quiet seconds"""
    fresh(flow)
    flow.setting("hold", seconds)
    flow.setting("engage_synq", 10)
    begin = time.monotonic()
    press(flow, 1, 60)
    flow.becomes("disengaged", lambda: flow.mode_of(flow.port) == "normal")
    took = time.monotonic() - begin
    flow.note(f"hold={seconds}: let go after {took:.1f} s")
    flow.least("seconds", took, seconds)


# --- what is said of it

def trace_switch(value):
    with open(f"{TRACING}/events/synward/mitigation/enable", "w", encoding="ascii") as file:
        file.write(value)


def tracing(flow):
    with open(f"{TRACING}/trace", "w", encoding="ascii"):
        pass
    trace_switch("1")
    flow.closing.callback(trace_switch, "0")


def traced():
    """The events: dictionaries."""
    trace_switch("0")
    with open(f"{TRACING}/trace", encoding="ascii") as file:
        return [dict(word.split("=", 1) for word in line.split(" mitigation: ")[1].split())
                for line in file if " mitigation: " in line]


def written(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@real_case()
def trace_each(flow):
    """tracepoint mitigation: one event for each cookie, with both ends"""
    flow.listener()
    flow.mode(3)
    strangers = [Stranger(flow, number) for number in range(1, 6)]
    tracing(flow)
    for stranger in strangers:
        stranger.syn()
        stranger.synack()
    events = traced()
    flow.same("cookies sent", flow.risen("cookie_sent"), 5)
    flow.same("events", [(e["client"], e["server"], e["reason"], e["verdict"]) for e in events],
              [(written(s.text, s.sport), written(SERVER[flow.family], flow.port), "cookie_sent", "answered")
               for s in strangers])
    flow.same("namespaces", len({e["netns"] for e in events}), 1)
    flow.mode(2)


@real_case(families=(4,))
def trace_flood(flow):
    """tracepoint mitigation: a listener engages, then cookies are sent"""
    fresh(flow)
    flow.setting("engage_synq", 10)
    tracing(flow)
    half_open(flow, 60)
    events = traced()
    reasons = [event["reason"] for event in events]
    flow.same("first event", reasons[:1], ["engaged"])
    flow.least("cookies", reasons.count("cookie_sent"), 20)
    flow.same("events for cookies", reasons.count("cookie_sent"), flow.risen("cookie_sent"))
    flow.same("verdicts", {event["verdict"] for event in events if event["reason"] == "cookie_sent"}, {"answered"})
    flow.same("who engages", events[0]["server"] if events else "", f"0.0.0.0:{flow.port}")
