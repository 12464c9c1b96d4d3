#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How connections begin."""
import time

from case import Unfit, case, kernel_case, run
from flow import HANDSHAKE
from host import PATIENCE
from packet import ACK, FIN, PSH, RST, SYN

CLIENT_HELLO = b"\x16\x03\x01\x00\x20\x01" + bytes(31)


@case()
def ordinary(flow):
    """three-way handshake"""
    flow.client.syn()
    flow.states("SYN-SENT", "LISTEN")
    flow.server.syn_ack()
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=flow.client.isn, server_isn=flow.server.isn,
                client_packets=2, server_packets=1, flags="forwarded")
    flow.counted(HANDSHAKE)


# --- retransmission

@case()
def retransmitted(flow):
    """SYN and SYN-ACK sent again are counted once each"""
    flow.client.syn()
    flow.client.again()
    flow.client.again()
    flow.states("SYN-SENT", "LISTEN", syn_retransmit=2, synack_retransmit=0)
    flow.server.syn_ack()
    flow.server.again()
    flow.states("SYN-SENT", "SYN-RECEIVED", syn_retransmit=2, synack_retransmit=1)
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", syn_retransmit=2, synack_retransmit=1)
    flow.counted(HANDSHAKE, syn_received=2, synack_received=1, syn_retransmit=2, synack_retransmit=1)


@case()
def retransmitted_late(flow):
    """SYN and SYN-ACK sent again after the handshake change nothing"""
    flow.handshake()
    flow.server.syn_ack(seq=flow.server.isn)
    flow.client.ack()
    flow.client.syn(seq=flow.client.isn)
    flow.states("ESTABLISHED", "ESTABLISHED", syn_retransmit=1, synack_retransmit=1)
    flow.counted(HANDSHAKE, syn_received=1, synack_received=1, syn_retransmit=1, synack_retransmit=1)


@case()
def syn_crosses_answer(flow):
    """SYN sent again when the SYN-ACK is on its way"""
    flow.client.syn()
    flow.server.syn_ack(lost=True)
    flow.client.syn(seq=flow.client.isn)
    flow.states("SYN-SENT", "SYN-RECEIVED", syn_retransmit=1)
    flow.server.again()
    flow.client.ack(seq=flow.client.isn + 1)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE, syn_received=1, synack_received=1, syn_retransmit=1, synack_retransmit=1)


@case(families=(4,))
def for_ever(flow):
    """the same SYN for ever does not keep its entry"""
    flow.world.server.sysctl("synward/timeout_syn_sent", 2)
    before = flow.world.watch.counters()["closed_timeout"]
    flow.client.syn()
    for _ in range(4 * PATIENCE):
        flow.wait(0.25)
        if flow.world.watch.counters()["closed_timeout"] > before:
            break
        # The last one may be the first of a new entry.
        flow.client.again()
    else:
        flow.wrong(f"it is still there after {PATIENCE} seconds")
    flow.world.server.sysctl("synward/timeout_syn_sent", 130)


# --- other sequence numbers

@case()
def stale_synack(flow):
    """a stale SYN-ACK, its RST, and then the right SYN-ACK (RFC 9293 3.5, figure 9)"""
    flow.client.syn()
    flow.server.syn_ack(seq=0x66666666, ack=flow.client.isn - 9, lost=True)
    flow.states("SYN-SENT", "LISTEN")
    flow.client.rst(seq=flow.client.isn - 9)
    flow.states("SYN-SENT", "LISTEN")
    flow.server.syn_ack()
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", server_isn=flow.server.isn)
    flow.counted(HANDSHAKE, synack_received=1, bad_ack=1, bad_rst=1, rst_seen=1)


@case()
def old_duplicate_syn(flow):
    """an old SYN is answered first (RFC 9293 3.5, figure 8)"""
    new = flow.client.isn
    flow.client.begin(new - 5000)
    flow.client.syn()
    flow.server.syn_ack(lost=True)
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.rst()
    flow.gone()
    flow.client.begin(new)
    flow.server.begin(flow.server.isn + 7777)
    flow.client.syn()
    flow.server.syn_ack()
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=new)
    flow.counted(HANDSHAKE, syn_received=1, synack_received=1, rst_seen=1, closed_rst=1)


@case()
def other_isn_unanswered(flow):
    """a SYN with another ISN before an answer is a new attempt"""
    flow.client.syn()
    flow.wait(1)
    flow.client.begin(0x20000000)
    flow.client.syn()
    flow.states("SYN-SENT", "LISTEN", client_isn=0x20000000, syn_retransmit=0)
    flow.server.syn_ack()
    most = time.monotonic() - flow.waited
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=0x20000000)
    took = int((flow.entry("established") or {}).get("syn_to_synack_us", 0)) / 1e6
    # The entry has it rounded.
    if took > 1.1 * most + 0.2:
        flow.wrong(f"the SYN-ACK is timed from the SYN that it does not answer: {took} s instead of {most} s")
    flow.counted(HANDSHAKE, syn_received=1)


@case()
def other_isn_answered(flow):
    """a SYN with another ISN in SYN-RECEIVED: challenge ACK, RST, new attempt"""
    flow.client.syn()
    flow.server.syn_ack(lost=True)
    old = flow.client.isn
    flow.client.begin(0x20000000)
    flow.client.syn(lost=True)
    flow.states("SYN-SENT", "SYN-RECEIVED", client_isn=old)
    flow.server.ack(ack=old + 1, lost=True)
    flow.states("SYN-SENT", "SYN-RECEIVED", client_isn=old)
    flow.client.rst(seq=old + 1)
    flow.gone()
    flow.client.begin(0x20000000)
    flow.client.syn()
    flow.server.begin(0x71000000)
    flow.server.syn_ack()
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=0x20000000)
    flow.counted(HANDSHAKE, syn_received=2, synack_received=1, syn_on_live=1, rst_seen=1, closed_rst=1)


@case(each=(("too old", 0), ("too new", 2), ("far too new", 1000000)))
def wrong_last_ack(flow, _, ack):
    """a third segment whose acknowledgment is {} completes nothing"""
    flow.client.syn()
    flow.server.syn_ack()
    flow.client.ack(ack=flow.server.isn + ack)
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE, bad_ack=1)


@case()
def wrapping(flow):
    """the ISNs are the last two numbers"""
    flow.client.begin(0xffffffff)
    flow.server.begin(0xfffffffe)
    flow.client.syn()
    flow.server.syn_ack()
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=0xffffffff, server_isn=0xfffffffe)
    flow.client.data()
    flow.server.data()
    flow.counted(HANDSHAKE)


# --- both open

@case()
def simultaneous(flow):
    """simultaneous open (RFC 9293 3.5, figure 7)"""
    flow.client.syn(lost=True)
    flow.server.syn(lost=True)
    flow.states("SYN-SENT", "SYN-SENT", client_isn=flow.client.isn, server_isn=flow.server.isn)
    flow.client.rcv, flow.server.rcv = flow.server.nxt, flow.client.nxt
    flow.client.syn_ack(seq=flow.client.isn)
    flow.states("SYN-RECEIVED", "SYN-SENT")
    flow.server.syn_ack(seq=flow.server.isn)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.client.ack()
    flow.server.data()
    flow.close_by_client()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(syn_received=2, synack_received=2, handshake_completed=1, fin_seen=2, closed_fin=1)


@case()
def simultaneous_by_ack(flow):
    """simultaneous open, one side answers the SYN-ACK with an ACK"""
    flow.client.syn(lost=True)
    flow.server.syn(lost=True)
    flow.client.rcv, flow.server.rcv = flow.server.nxt, flow.client.nxt
    flow.client.syn_ack(seq=flow.client.isn)
    flow.server.ack()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.client.data()
    flow.server.data()
    flow.counted(syn_received=2, synack_received=1, handshake_completed=1)


@case()
def split(flow):
    """split handshake in four segments: ACK and SYN of the server apart"""
    flow.client.syn()
    flow.server.ack()
    flow.states("SYN-SENT", "LISTEN")
    flow.server.syn()
    flow.states("SYN-SENT", "SYN-SENT", server_isn=flow.server.isn)
    flow.client.syn_ack(seq=flow.client.isn)
    flow.states("SYN-RECEIVED", "SYN-SENT")
    flow.server.ack()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.client.data()
    flow.counted(syn_received=2, synack_received=1, handshake_completed=1, out_of_window=1)


# --- data and FIN in the handshake

@case()
def data_on_syn_refused(flow):
    """data on the SYN that the server does not take"""
    flow.client.syn(data=b"x" * 500)
    flow.states("SYN-SENT", "LISTEN", flags="fastopen,forwarded")
    flow.server.syn_ack(ack=flow.client.isn + 1)
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.ack(seq=flow.client.isn + 1, data=b"x" * 500)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.server.ack(ack=flow.client.isn + 501)
    flow.client.data()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE)


@case()
def fast_open(flow):
    """Fast Open: data on the SYN is acknowledged (RFC 7413)"""
    flow.client.syn(data=b"x" * 500)
    flow.server.syn_ack()
    flow.states("SYN-SENT", "SYN-RECEIVED", promoted=True)
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", flags="fastopen,forwarded")
    flow.server.data()
    flow.close_by_client()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, fin_seen=2, closed_fin=1)


@case()
def fast_open_early_answer(flow):
    """Fast Open: the server's data and FIN before the third segment"""
    flow.client.syn(data=b"x" * 500)
    flow.server.syn_ack()
    flow.server.data(b"y" * 700)
    flow.server.fin()
    flow.client.ack()
    flow.states("CLOSE-WAIT", "FIN-WAIT-2", closed_by="server")
    flow.client.fin()
    flow.server.ack()
    flow.states("CLOSED", "TIME-WAIT")
    flow.counted(HANDSHAKE, fin_seen=2, closed_fin=1)


@case()
def fast_open_early_data(flow):
    """Fast Open: the server's data before the third segment, the client closes first"""
    flow.client.syn(data=b"x" * 500)
    flow.server.syn_ack()
    flow.server.data(b"y" * 700)
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.client.fin()
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.counted(HANDSHAKE, fin_seen=1)


@case()
def fast_open_refused(flow):
    """SYN with data to a closed port"""
    flow.client.syn(data=b"x" * 500)
    flow.server.send(RST | ACK, seq=0)
    flow.gone()
    flow.counted(syn_received=1, rst_seen=1, closed_rst=1)


@case()
def data_on_third(flow):
    """data on the third segment"""
    flow.client.syn()
    flow.server.syn_ack()
    flow.client.data(b"x" * 900)
    flow.states("ESTABLISHED", "ESTABLISHED", client_bytes=900, client_packets=2)
    flow.server.ack()
    flow.counted(HANDSHAKE)


@case()
def tls_on_third(flow):
    """a TLS ClientHello on the third segment"""
    flow.client.syn()
    flow.server.syn_ack()
    flow.client.data(CLIENT_HELLO)
    flow.states("ESTABLISHED", "ESTABLISHED", flags="tls,forwarded")


@case()
def tls_on_fourth(flow):
    """a TLS ClientHello on the fourth segment"""
    flow.handshake()
    flow.client.data(CLIENT_HELLO)
    flow.states("ESTABLISHED", "ESTABLISHED", flags="tls,forwarded")


@case()
def tls_too_late(flow):
    """what looks like a ClientHello behind other data is none"""
    flow.client.syn()
    flow.server.syn_ack()
    flow.client.data(b"GET / HTTP/1.0\r\n\r\n")
    flow.client.data(CLIENT_HELLO)
    flow.states("ESTABLISHED", "ESTABLISHED", flags="forwarded")


@case()
def fin_on_third(flow):
    """FIN on the third segment"""
    flow.client.syn()
    flow.server.syn_ack()
    flow.client.send(FIN | ACK | PSH, data=b"all")
    flow.states("FIN-WAIT-1", "ESTABLISHED", closed_by="client")
    flow.server.fin()
    flow.states("FIN-WAIT-2", "LAST-ACK")
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, fin_seen=2, closed_fin=1)


@case()
def refused(flow):
    """SYN to a closed port"""
    flow.client.syn()
    flow.server.send(RST | ACK, seq=0)
    flow.gone()
    flow.counted(syn_received=1, rst_seen=1, closed_rst=1)


@case()
def reflected(flow):
    """SYN-ACK that nobody asked for makes no entry"""
    flow.server.syn_ack(ack=1)
    flow.client.rst(seq=1)
    flow.gone()
    flow.counted(synack_received=1, unknown_flow=2, rst_seen=1)


# --- against the kernel

@kernel_case()
def kernel_serves(flow):
    """kernel as server: handshake"""
    flow.listener()
    flow.fake.send(SYN)
    flow.answered("SA")
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.fake.send(ACK)
    flow.kernel.sock = flow.listener().accept()[0]
    flow.both("ESTABLISHED", "ESTABLISHED", client_isn=flow.fake.isn, server_isn=flow.kernel.isn, flags="-")
    flow.counted(syn_received=1, synack_sent=1, handshake_completed=1)


@kernel_case()
def kernel_connects(flow):
    """kernel as client: handshake"""
    flow.connect()
    flow.both("SYN-SENT", "LISTEN")
    flow.fake.send(SYN | ACK)
    flow.answered("A")
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.counted(syn_sent=1, synack_received=1, handshake_completed=1)


@kernel_case()
def kernel_stale_synack(flow):
    """kernel as client: a stale SYN-ACK, then the right one"""
    flow.connect()
    flow.fake.send(SYN | ACK, seq=0x66666666, ack=flow.kernel.isn - 9)
    flow.same("first answer", flow.fake.answers[:1], "R")
    flow.both("SYN-SENT", "LISTEN")
    flow.fake.send(SYN | ACK)
    flow.both("ESTABLISHED", "ESTABLISHED", server_isn=flow.fake.isn)
    flow.counted(synack_received=2, handshake_completed=1, bad_ack=1, bad_rst=1)


@kernel_case()
def kernel_simultaneous(flow):
    """kernel as client: simultaneous open"""
    flow.connect()
    flow.fake.send(SYN)
    flow.answered("SA")
    flow.both("SYN-RECEIVED", "SYN-SENT")
    flow.fake.send(SYN | ACK, seq=flow.fake.isn)
    if flow.kernel.state == "SYN-RECEIVED":
        # Kernels of before 2024 refuse the SYN-ACK with a challenge ACK.
        raise Unfit
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.kernel.send()
    flow.fake.send(ACK)
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.counted(syn_sent=1, syn_received=1, handshake_completed=1)


@kernel_case()
def kernel_other_isn(flow):
    """kernel as server: a SYN with another ISN in SYN-RECEIVED"""
    flow.listener()
    flow.fake.send(SYN)
    old = flow.fake.rcv, flow.fake.isn
    flow.fake.begin(0x20000000)
    flow.fake.send(SYN)
    flow.answered("A")
    flow.states("SYN-SENT", "SYN-RECEIVED", client_isn=old[1])
    flow.fake.send(RST, seq=old[1] + 1)
    flow.gone()
    flow.counted(syn_received=2, synack_sent=1, syn_on_live=1, closed_rst=1)


@kernel_case()
def kernel_wrong_ack(flow):
    """kernel as server: a third segment with a wrong acknowledgment"""
    flow.listener()
    flow.fake.send(SYN)
    flow.fake.send(ACK, ack=flow.kernel.isn + 1000000)
    flow.answered("R")
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.counted(syn_received=1, synack_sent=1, bad_ack=1, bad_rst=1)


@kernel_case()
def kernel_reflected(flow):
    """kernel: SYN-ACK that nobody asked for is answered by its one RST and makes no entry"""
    flow.listener()
    flow.fake.send(SYN | ACK, ack=77)
    flow.answered("R")
    flow.gone()
    flow.counted(synack_received=1, unknown_flow=1, syn_received=0)


@kernel_case()
def kernel_refuses(flow):
    """kernel: SYN to a closed port"""
    flow.kernel.port = 9
    flow.fake.send(SYN)
    flow.answered("RA")
    flow.gone()
    flow.counted(syn_received=1, closed_rst=1)


@kernel_case()
def kernel_refuses_data(flow):
    """kernel: SYN with data to a closed port"""
    flow.kernel.port = 9
    flow.fake.send(SYN, data=b"x" * 500)
    flow.answered("RA")
    flow.gone()
    flow.counted(syn_received=1, closed_rst=1)


@kernel_case()
def kernel_data_on_syn(flow):
    """kernel as server: data on the SYN, no Fast Open"""
    flow.listener()
    flow.fake.send(SYN, data=b"x" * 500)
    flow.answered("SA")
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.fake.send(ACK | PSH, seq=flow.fake.isn + 1, data=b"x" * 500)
    flow.kernel.sock = flow.listener().accept()[0]
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.same("data", flow.kernel.sock.recv(1000), b"x" * 500)
    flow.counted(syn_received=1, synack_sent=1, handshake_completed=1)


run()
