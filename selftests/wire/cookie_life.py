#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How long a cookie is good for."""
import socket
import time

from case import run
from real import World, real_case
from stranger import Stranger, settle

# The kernel counts minutes: a cookie of the last one is good, one of the minute before that is not.
GOOD_S, OVER_S = 55, 122


def asked(flow, number):
    stranger = Stranger(flow, number)
    stranger.syn()
    stranger.synack()
    return stranger


def tried(flow, stranger):
    """Counters that have risen when it brings its cookie."""
    flow.family = stranger.family
    flow.world.watch.start()
    stranger.ack()
    settle(flow)
    return {name: flow.risen(name) for name in ("cookie_valid", "cookie_invalid", "ack_dropped")}


VALID = {"cookie_valid": 1, "cookie_invalid": 0, "ack_dropped": 0}
INVALID = {"cookie_valid": 0, "cookie_invalid": 1, "ack_dropped": 1}


@real_case(families=("4 and 6",))
def life(flow):
    """a cookie is good for a minute at least, and for two at most"""
    listener = flow.listener(family=6, prepare=lambda sock: sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0))
    flow.family = 6
    flow.mode(3)
    early, late = [], []
    for flow.family in (4, 6):
        early.append(asked(flow, 1))
        late.append(asked(flow, 2))
    begin = time.monotonic()
    time.sleep(GOOD_S)
    for stranger in early:
        flow.same(f"IPv{stranger.family} after {time.monotonic() - begin:.0f} s", tried(flow, stranger), VALID)
        flow.same("who is connected", listener.accept()[1][1], stranger.sport)
    time.sleep(max(begin + OVER_S - time.monotonic(), 0))
    # The listener has sent cookies lately: it is the old one's age that counts.
    for flow.family in (4, 6):
        flow.same("a young one", tried(flow, asked(flow, 3)), VALID)
        listener.accept()
    for stranger in late:
        flow.same(f"IPv{stranger.family} after {time.monotonic() - begin:.0f} s", tried(flow, stranger), INVALID)
    listener.setblocking(False)
    try:
        flow.wrong(f"connected: {listener.accept()[1]}")
    except BlockingIOError:
        pass
    flow.mode(2)


run(World)
