#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""RST: believed at exactly the expected number (RFC 5961 3.2), and at no other."""
from case import case, kernel_case, run
from flow import HANDSHAKE
from packet import ACK, FIN, RST, SYN


def syn_received(flow):
    flow.client.syn()
    flow.server.syn_ack()


def fin_wait_1(flow):
    flow.handshake()
    flow.client.fin(lost=True)


def fin_wait_2(flow):
    flow.handshake()
    flow.client.fin()
    flow.server.ack()


def last_ack(flow):
    fin_wait_2(flow)
    flow.server.fin(lost=True)


def closing(flow):
    flow.handshake()
    flow.client.fin(lost=True)
    flow.server.fin()
    flow.client.ack()


def time_wait(flow):
    flow.handshake()
    flow.close_by_client()


# name: how to get there, both states, counted until then that ends the connection
PLACES = (
    ("ESTABLISHED", lambda flow: flow.handshake(), ("ESTABLISHED", "ESTABLISHED")),
    ("FIN-WAIT-1", fin_wait_1, ("FIN-WAIT-1", "ESTABLISHED")),
    ("FIN-WAIT-2", fin_wait_2, ("FIN-WAIT-2", "CLOSE-WAIT")),
    ("LAST-ACK", last_ack, ("FIN-WAIT-2", "LAST-ACK")),
    ("CLOSING", closing, ("CLOSING", "FIN-WAIT-2")),
    ("TIME-WAIT", time_wait, ("TIME-WAIT", "CLOSED")),
)


def ended(flow, side):
    """Who closed first and how stays as it was."""
    entry = flow.entry("established") or {}
    first = ("client", "fin") if entry.get("closed_how") == "fin" else (side, "rst")
    flow.states("CLOSED", "CLOSED", closed_by=first[0], closed_how=first[1])


@case(families=(4,), each=tuple((name, "client", go, states) for name, go, states in PLACES))
def by_client(flow, _, side, go, states):
    """RST of the {1} in {0}"""
    go(flow)
    flow.states(*states)
    flow.client.rst()
    ended(flow, side)


@case(families=(4,), each=tuple((name, "server", go, states) for name, go, states in PLACES))
def by_server(flow, _, side, go, states):
    """RST of the {1} in {0}"""
    go(flow)
    flow.states(*states)
    flow.server.rst()
    ended(flow, side)


@case(each=tuple((name, go, states) for name, go, states in PLACES[:5]))
def blind(flow, _, go, states):
    """blind RSTs in {}: at 0, out of the window, in it, exact less 1 and plus 1"""
    go(flow)
    for end in (flow.client, flow.server):
        number = end.peer.rcv if states[0] == "FIN-WAIT-1" else end.nxt
        for seq in (0, number + 5000000, number - 5000000, number + 1000, end.nxt + 1, number + 65535):
            end.rst(seq=seq, lost=True)
            end.send(RST | ACK, seq=seq, lost=True)
    flow.states(*states)
    seen = flow.world.watch.risen()
    flow.same("bad_rst", seen.get("bad_rst"), 24)
    flow.same("closed_rst", seen.get("closed_rst"), None)


@case()
def exact(flow):
    """blind RST at exact less 1 changes nothing, at exact it closes"""
    flow.handshake()
    flow.client.data()
    flow.server.ack()
    flow.client.rst(seq=flow.client.nxt - 1, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.client.rst(seq=flow.client.nxt)
    flow.states("CLOSED", "CLOSED", closed_by="client", closed_how="rst")
    flow.counted(HANDSHAKE, rst_seen=2, bad_rst=1, closed_rst=1)


@case()
def wrapping(flow):
    """blind and exact RST at 2^32"""
    flow.client.begin(0xfffffffe)
    flow.handshake()
    flow.client.rst(seq=0, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.client.rst(seq=0xffffffff)
    flow.states("CLOSED", "CLOSED")
    flow.counted(HANDSHAKE, rst_seen=2, bad_rst=1, closed_rst=1)


@case()
def in_flight(flow):
    """RST behind data that has not been acknowledged"""
    flow.handshake()
    flow.client.data(b"x" * 1000, lost=True)
    flow.client.data(b"x" * 1000, lost=True)
    flow.client.rst()
    flow.states("CLOSED", "CLOSED", closed_by="client", closed_how="rst")
    flow.counted(HANDSHAKE, rst_seen=1, closed_rst=1)


@case()
def answers_old_ack(flow):
    """RST of a host that has forgotten the connection: at the number of the last ACK"""
    flow.handshake()
    flow.server.data()
    flow.client.ack()
    flow.server.data(lost=True)
    flow.server.rst(seq=flow.client.rcv)
    flow.states("CLOSED", "CLOSED", closed_by="server", closed_how="rst")
    flow.counted(HANDSHAKE, rst_seen=1, closed_rst=1)


@case()
def answers_challenge(flow):
    """a client that has forgotten the connection: SYN, challenge ACK, RST, new connection"""
    flow.handshake()
    old = flow.client.nxt
    flow.client.begin(0x20000000)
    flow.client.syn(lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", old=("SYN-SENT", "LISTEN"))
    flow.server.ack(ack=old, lost=True)
    flow.client.rst(seq=old)
    flow.states("CLOSED", "CLOSED", old=("SYN-SENT", "LISTEN"))
    flow.client.syn(seq=0x20000000)
    flow.server.begin(0x71000000)
    flow.server.syn_ack()
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=0x20000000)
    flow.counted(HANDSHAKE, HANDSHAKE, syn_received=1, rst_seen=1, closed_rst=1, syn_on_live=1, syn_retransmit=1)


# --- in the handshake

@case()
def refused(flow):
    """RST to a SYN: believed when it acknowledges the SYN, RFC 9293 3.10.7.3"""
    flow.client.syn()
    flow.server.send(RST | ACK, seq=0, ack=flow.client.isn, lost=True)
    flow.server.send(RST | ACK, seq=0, ack=flow.client.isn + 2, lost=True)
    flow.server.rst(seq=flow.client.isn + 1, lost=True)
    flow.states("SYN-SENT", "LISTEN")
    flow.server.send(RST | ACK, seq=0)
    flow.gone()
    flow.counted(syn_received=1, rst_seen=4, bad_rst=3, closed_rst=1)


@case()
def by_client_in_syn_sent(flow):
    """the client gives up in SYN-SENT"""
    flow.client.syn()
    flow.client.rst(seq=flow.client.nxt + 1, lost=True)
    flow.states("SYN-SENT", "LISTEN")
    flow.client.rst()
    flow.gone()
    flow.counted(syn_received=1, rst_seen=2, bad_rst=1, closed_rst=1)


@case()
def by_client_in_syn_received(flow):
    """the client gives up in SYN-RECEIVED"""
    syn_received(flow)
    flow.client.rst(seq=flow.client.nxt + 1, lost=True)
    flow.client.rst(seq=flow.client.nxt - 1, lost=True)
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.rst()
    flow.gone()
    flow.counted(syn_received=1, synack_received=1, rst_seen=3, bad_rst=2, closed_rst=1)


@case()
def by_server_in_syn_received(flow):
    """the server gives up in SYN-RECEIVED"""
    syn_received(flow)
    flow.server.rst(seq=flow.server.nxt + 1, lost=True)
    flow.server.rst(seq=0, lost=True)
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.server.rst()
    flow.gone()
    flow.counted(syn_received=1, synack_received=1, rst_seen=3, bad_rst=2, closed_rst=1)


# --- against the kernel

@kernel_case()
def kernel_blind(flow):
    """kernel: blind RSTs; it answers those in the window with a challenge ACK and stays"""
    flow.accept()
    for seq, answer in ((0, ""), (flow.fake.nxt + 1000, "A"), (flow.fake.nxt + 1, "A")):
        flow.fake.send(RST, seq=seq)
        flow.answered(answer)
        flow.both("ESTABLISHED", "ESTABLISHED")
    flow.fake.send(RST, seq=flow.fake.nxt - 1)
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.fake.send(RST)
    flow.both("CLOSED", "CLOSED")
    flow.counted(bad_rst=4, closed_rst=1)


@kernel_case()
def kernel_close_wait(flow):
    """kernel in CLOSE-WAIT: it takes a RST at the number of the FIN for the right one"""
    flow.accept()
    flow.fake.send(FIN | ACK)
    flow.acknowledged()
    flow.both("FIN-WAIT-2", "CLOSE-WAIT")
    flow.fake.send(RST, seq=flow.fake.nxt - 1)
    flow.both("CLOSED", "CLOSED", closed_by="client", closed_how="fin")
    flow.counted(closed_fin=1)


@kernel_case()
def kernel_aborts(flow):
    """kernel: closes with RST"""
    flow.accept()
    flow.kernel.rst()
    flow.answered("RA")
    flow.states("CLOSED", "CLOSED", closed_by="server", closed_how="rst")
    flow.counted(closed_rst=1)


@kernel_case()
def kernel_aborts_zero_window(flow):
    """kernel: closes with RST while the window is shut and data waits"""
    flow.accept()
    flow.fake.window = 0
    flow.fake.send(ACK)
    flow.kernel.send(b"x" * 5000)
    flow.kernel.rst()
    flow.states("CLOSED", "CLOSED", closed_by="server", closed_how="rst")
    flow.counted(closed_rst=1)


@kernel_case()
def kernel_closes_with_unread(flow):
    """kernel: closes with RST because data was not read"""
    flow.accept()
    flow.fake.send(ACK, data=b"unread")
    flow.kernel.sock.close()
    flow.settle()
    flow.answered("RA")
    flow.states("CLOSED", "CLOSED", closed_by="server", closed_how="rst")
    flow.counted(closed_rst=1)


@kernel_case()
def kernel_answers_late_data(flow):
    """kernel: data after close is answered with RST"""
    flow.accept()
    flow.kernel.sock.close()
    flow.settle()
    flow.answered("FA")
    flow.fake.send(ACK)
    flow.states("CLOSE-WAIT", "FIN-WAIT-2")
    flow.fake.send(ACK, data=b"late")
    flow.answered("R")
    flow.states("CLOSED", "CLOSED", closed_by="server", closed_how="fin")


@kernel_case()
def kernel_forgets(flow):
    """kernel: it has lost its socket and answers data with RST"""
    flow.accept()
    flow.kernel.vanish()
    flow.fake.send(ACK, data=b"anybody there?")
    flow.answered("R")
    flow.states("CLOSED", "CLOSED", closed_by="server", closed_how="rst")
    flow.counted(closed_rst=1)


@kernel_case()
def kernel_challenges(flow):
    """kernel: SYN on a live connection, challenge ACK, and the RST that answers it"""
    flow.accept()
    old = flow.fake.nxt
    flow.fake.begin(0x20000000)
    flow.fake.send(SYN)
    flow.answered("A")
    flow.both("ESTABLISHED", "ESTABLISHED", old=("SYN-SENT", "LISTEN"))
    flow.fake.send(RST, seq=old)
    flow.both("CLOSED", "CLOSED", old=("SYN-SENT", "LISTEN"), closed_by="client", closed_how="rst")
    flow.counted(syn_on_live=1, closed_rst=1)


run()
