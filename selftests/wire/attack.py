#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Listeners under attack: who is served meanwhile, what is never believed, and what is left as it is."""
import selectors
import socket
import time

import tuning       # noqa: F401 pylint: disable=unused-import # its cases come first
import untouched    # noqa: F401 pylint: disable=unused-import
from case import run
from clients import BACKLOG, Clients, web
from packet import ACK, SYN
from real import CLIENT, PATIENCE, SERVER, World, kernel_counter, real_case, run_in
from spray import child, spray
from stranger import ATTACKED_AT, ETHER, Stranger, half_open, settle


# --- a crowd

# Handshakes of a flash crowd at most: far from the half of the SYN queue.
UNDER_WAY = BACKLOG // 4

def take_all(listener):
    held = []
    while True:
        held.append(listener.accept()[0])


def crowd(flow, seconds):
    """300 clients, 50 ms away, that begin within that time."""
    world = flow.world
    flow.hurry()
    run_in(world.client, ["tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "50ms", "limit", "5000"])
    flow.closing.callback(run_in, world.client, ["tc", "qdisc", "del", "dev", "eth0", "root"])
    listener = flow.listener(backlog=BACKLOG)
    listener.settimeout(None)
    child(flow, world.server, take_all, listener)
    clients, waiting = [flow.socket(world.client) for _ in range(300)], selectors.DefaultSelector()
    begin, begun, done = time.monotonic(), 0, []
    while len(done) < len(clients) and time.monotonic() < begin + PATIENCE:
        while begun < len(clients) and time.monotonic() >= begin + begun * seconds / len(clients):
            # A crowd that has stood still with the machine is no burst.
            if seconds and begun - flow.risen("handshake_completed") >= UNDER_WAY:
                break
            clients[begun].setblocking(False)
            clients[begun].connect_ex((SERVER[flow.family], flow.port))
            waiting.register(clients[begun], selectors.EVENT_WRITE)
            begun += 1
        for key, _ in waiting.select(0.001 if begun < len(clients) else 1):
            waiting.unregister(key.fileobj)
            done.append(key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    flow.note(f"{len(done)} connected within {time.monotonic() - begin:.2f} s, engaged: {flow.risen('engaged')}")
    flow.same("connected", [len(done), set(done)], [len(clients), {0}])


@real_case()
def flash_crowd(flow):
    """300 clients within a second that complete their handshakes: no alarm, no cookies"""
    crowd(flow, 1)
    time.sleep(0.6)
    flow.same("times engaged, cookies sent", (flow.risen("engaged"), flow.risen("cookie_sent")), (0, 0))


@real_case()
def burst(flow):
    """300 clients in the same moment, more than the SYN queue holds: all are served"""
    crowd(flow, 0)


# --- attacks

@real_case(families=("4 and 6",))
def two_of_three(flow):
    """two of three listeners attacked: good clients are served, the third listener stays as it is"""
    world = flow.world
    ports = [world.next_port() for _ in range(3)]
    flow.setting("hold", 3600)
    web(flow, ports)
    world.watch.start()
    flood = child(flow, world.attacker, spray, "eth0", ETHER, ATTACKED_AT, ports[:2], SYN, 1000)
    flow.becomes("both engaged", lambda: flow.risen("engaged") == 2)
    clients = Clients(flow, ports, count=150)
    clients.join()
    clients.judge("SYN flood")
    flow.least("cookies that came back", flow.risen("cookie_valid"), 90)
    flow.same("modes", [flow.mode_of(port) for port in ports], ["cookies", "cookies", "normal"])
    flow.same("times engaged", flow.risen("engaged"), 2)
    flow.same("cookies of the third", flow.listeners()[ports[2]]["cookie_sent"], "0")
    flow.same("the flood goes on", flood.running(), True)


def strangers_in(watch, table):
    """Both ends of each connection whose client is none of ours."""
    with open(f"{watch.folder}/{table}", encoding="ascii") as file:
        lines = [dict(word.split("=", 1) for word in line.split()) for line in file.readlines()[1:]]
    ours = set(CLIENT.values()) | {"::1"}
    return {(line["client"], line["client_port"], line["server_port"]) for line in lines if line["client"] not in ours}


# A number is a cookie when its time is one of the two last minutes', 2 of 256, and what is left of 24 bits is one of
# four values of the MSS, 4 of 2^24: 8 of 2^32. One of 100,000 is found in one of 5,400 runs, two in one of 58 million.
GUESSES, LUCK = 100000, 1


@real_case(families=("4 and 6",))
def ack_flood(flow):
    """100,000 random ACKs while cookies are on: no RST, no entry, no connection, good clients are served"""
    world, ports = flow.world, (flow.port, flow.world.next_port())
    flow.setting("hold", 3600)
    flow.setting("engage_synq", 10)
    web(flow, ports)
    flow.family = 4
    for flow.port in ports:
        half_open(flow, BACKLOG // 5)
    flow.becomes("modes", lambda: [flow.mode_of(port) for port in ports] == ["cookies", "cookies"])
    resets = kernel_counter(world.server, "snmp", "Tcp", "OutRsts")
    entries = [strangers_in(world.watch, table) for table in ("halfopen", "established")]
    before = world.watch.counters()
    begin = time.monotonic()
    flood = child(flow, world.attacker, spray, "eth0", ETHER, ATTACKED_AT, ports, ACK, None, GUESSES)
    clients = Clients(flow, ports, workers=1, pause=0.1)
    while flood.running():
        time.sleep(0.1)
    took = time.monotonic() - begin
    clients.stop()
    flow.note(f"{GUESSES} random ACKs in {took:.1f} s")
    clients.judge("ACK flood")
    settle(flow)
    now = world.watch.counters()
    flow.least("refused", now["cookie_invalid"] - before["cookie_invalid"], GUESSES - 1000)
    flow.same("dropped", now["ack_dropped"] - before["ack_dropped"], now["cookie_invalid"] - before["cookie_invalid"])
    flow.most("guessed cookies", now["cookie_valid"] - before["cookie_valid"] - len(clients.times), LUCK)
    flow.same("resets", kernel_counter(world.server, "snmp", "Tcp", "OutRsts") - resets, 0)
    flow.same("new in halfopen", strangers_in(world.watch, "halfopen") - entries[0], set())
    flow.most("new in established", len(strangers_in(world.watch, "established") - entries[1]), LUCK)


# --- what is not believed

@real_case()
def other_tuple(flow):
    """a cookie is good for the client that it was sent to alone"""
    listener, port = flow.listener(), flow.port
    flow.port = flow.world.next_port()
    flow.listener()
    flow.mode(3)
    # The module knows listeners that have been asked for a connection.
    neighbour = Stranger(flow, 6)
    neighbour.syn()
    neighbour.synack()
    flow.port = port
    flow.reach()
    entries = [flow.world.watch.count(table) for table in ("halfopen", "established")]
    client = Stranger(flow, 7)
    client.syn()
    client.synack()
    for name, thief, fields in (("other address", Stranger(flow, 8, client.sport), {}),
                                ("other port", Stranger(flow, 7, client.sport ^ 1), {}),
                                ("other listener", Stranger(flow, 7, client.sport), {"dport": flow.port + 1})):
        before = flow.risen("cookie_invalid"), flow.risen("ack_dropped")
        thief.like(client).ack(**fields)
        settle(flow)
        flow.same(f"{name}: refused, dropped",
                  (flow.risen("cookie_invalid") - before[0], flow.risen("ack_dropped") - before[1]), (1, 1))
    flow.same("taken so far", flow.risen("cookie_valid"), 0)
    for table, before in zip(("halfopen", "established"), entries):
        flow.most(f"entries in {table}", flow.world.watch.count(table), before)
    client.ack()
    settle(flow)
    flow.same("taken from the client itself", flow.risen("cookie_valid"), 1)
    peer = listener.accept()[1]
    flow.same("who is connected", peer[:2], (client.text, client.sport))
    flow.mode(2)


run(World)
