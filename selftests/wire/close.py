#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How connections end by FIN, and how new ones begin on their ports."""
from case import case, kernel_case, run
from flow import HANDSHAKE
from packet import ACK, FIN, PSH, RST, SYN

CLOSED = {"fin_seen": 2, "closed_fin": 1}


# --- one after the other (RFC 9293 3.6, figure 12)

@case()
def client_first(flow):
    """four-way close, client first"""
    flow.handshake()
    flow.client.fin()
    flow.states("FIN-WAIT-1", "ESTABLISHED", closed_by="client", closed_how="fin")
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.server.fin()
    flow.states("FIN-WAIT-2", "LAST-ACK")
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED", closed_by="client", closed_how="fin")
    flow.counted(HANDSHAKE, CLOSED)


@case()
def server_first(flow):
    """four-way close, server first"""
    flow.handshake()
    flow.server.fin()
    flow.states("ESTABLISHED", "FIN-WAIT-1", closed_by="server", closed_how="fin")
    flow.client.ack()
    flow.states("CLOSE-WAIT", "FIN-WAIT-2")
    flow.client.fin()
    flow.states("LAST-ACK", "FIN-WAIT-2")
    flow.server.ack()
    flow.states("CLOSED", "TIME-WAIT", closed_by="server", closed_how="fin")
    flow.counted(HANDSHAKE, CLOSED)


@case()
def three_segments(flow):
    """close in three segments"""
    flow.handshake()
    flow.client.fin()
    flow.server.fin()
    flow.states("FIN-WAIT-2", "LAST-ACK")
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, CLOSED)


@case()
def with_data(flow):
    """FINs that carry data"""
    flow.handshake()
    flow.client.send(FIN | ACK | PSH, data=b"x" * 300)
    flow.server.send(FIN | ACK | PSH, data=b"y" * 400)
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED", client_bytes=300, server_bytes=400)
    flow.counted(HANDSHAKE, CLOSED)


@case()
def half_closed(flow):
    """half-close: data flows on in the other direction"""
    flow.handshake()
    flow.client.fin()
    flow.server.ack()
    for _ in range(3):
        flow.server.data(b"y" * 1000)
        flow.client.ack()
        flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.wait(0.3)
    flow.idle()
    flow.server.data(b"y" * 1000)
    flow.refreshed()
    flow.client.ack()
    flow.server.fin()
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED", server_bytes=4000)
    flow.counted(HANDSHAKE, CLOSED)


# --- both at once (RFC 9293 3.6, figure 13)

@case()
def simultaneous(flow):
    """simultaneous close"""
    flow.handshake()
    flow.client.fin(lost=True)
    flow.server.fin(lost=True)
    flow.states("FIN-WAIT-1", "FIN-WAIT-1", closed_by="client")
    flow.client.rcv, flow.server.rcv = flow.server.nxt, flow.client.nxt
    flow.client.ack()
    flow.states("CLOSING", "FIN-WAIT-2")
    flow.server.ack()
    flow.states("TIME-WAIT", "TIME-WAIT")
    flow.counted(HANDSHAKE, CLOSED)


@case()
def simultaneous_one_lost(flow):
    """simultaneous close, one FIN is lost and sent again"""
    flow.handshake()
    flow.client.fin(lost=True)
    fin = flow.server.fin()
    flow.states("FIN-WAIT-1", "FIN-WAIT-1")
    flow.client.ack()
    flow.states("CLOSING", "FIN-WAIT-2")
    flow.client.fin(seq=flow.client.nxt - 1)
    flow.states("CLOSING", "FIN-WAIT-2")
    flow.server.ack(seq=fin.end)
    flow.states("TIME-WAIT", "TIME-WAIT")
    flow.counted(HANDSHAKE, CLOSED, fin_seen=1)


# --- loss

@case()
def fin_lost(flow):
    """a FIN is lost behind us and sent again"""
    flow.handshake()
    flow.client.fin(lost=True)
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.server.data()
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.client.fin(seq=flow.client.nxt - 1)
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.counted(HANDSHAKE, fin_seen=2)


@case()
def data_before_fin_lost(flow):
    """an ACK of the data before the FIN is none of the FIN"""
    flow.handshake()
    data = flow.client.data(b"x" * 100)
    flow.client.fin(lost=True)
    flow.server.ack(ack=data.end)
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.client.fin(seq=flow.client.nxt - 1)
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.counted(HANDSHAKE, fin_seen=2)


@case()
def last_ack_lost(flow):
    """a FIN sent again into TIME-WAIT restarts it (RFC 9293 3.10.7.4)"""
    flow.handshake()
    flow.client.fin()
    fin = flow.server.fin()
    flow.client.ack(lost=True)
    flow.states("TIME-WAIT", "CLOSED")
    flow.wait(0.4)
    flow.idle()
    flow.server.fin(seq=fin.seq)
    flow.refreshed()
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, CLOSED, fin_seen=1)


@case()
def stray_in_time_wait(flow):
    """what is no FIN does not restart TIME-WAIT"""
    flow.handshake()
    flow.close_by_client()
    flow.wait(0.4)
    flow.server.ack()
    flow.client.ack()
    flow.server.ack(seq=flow.server.nxt + 5000000)
    flow.idle()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, CLOSED, out_of_window=1)


# --- what is not part of the connection

@case()
def forged_data(flow):
    """forged data in the window does not keep a FIN from being acknowledged"""
    flow.handshake()
    flow.client.data(seq=flow.client.nxt + 20000, lost=True)
    flow.client.fin()
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")


@case()
def forged_data_behind_fin(flow):
    """nothing follows a FIN: forged data behind it changes nothing"""
    flow.handshake()
    flow.client.fin()
    flow.client.data(seq=flow.client.nxt + 100, lost=True)
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")


@case()
def fin_out_of_window(flow):
    """a FIN out of the window closes nothing"""
    flow.handshake()
    flow.client.fin(seq=flow.client.nxt + 5000000, lost=True)
    flow.server.fin(seq=flow.server.nxt - 5000000, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", closed_by="none")
    flow.counted(HANDSHAKE, fin_seen=2, out_of_window=2)


# --- TIME-WAIT and after

@case()
def reuse(flow):
    """TIME-WAIT reuse by a newer SYN (RFC 9293 3.6.1, MAY-2)"""
    flow.handshake()
    flow.close_by_client()
    flow.client.begin(flow.client.isn + 100000)
    flow.server.begin(flow.server.isn + 100000)
    flow.client.syn()
    flow.states("SYN-SENT", "LISTEN", old=("TIME-WAIT", "CLOSED"))
    flow.server.syn_ack()
    flow.states("SYN-SENT", "SYN-RECEIVED")
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_isn=flow.client.isn, client_packets=2, closed_by="none")
    flow.client.data()
    flow.server.data()
    flow.close_by_client()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, HANDSHAKE, CLOSED, CLOSED)


@case()
def reuse_other_way(flow):
    """TIME-WAIT reuse in the other direction: the server opens"""
    flow.handshake()
    flow.close_by_client()
    flow.client.begin(flow.client.isn + 100000)
    flow.server.begin(flow.server.isn + 100000)
    flow.server.syn()
    flow.client.syn_ack()
    flow.server.ack()
    flow.reversed().states("ESTABLISHED", "ESTABLISHED", client_isn=flow.server.isn)
    if flow.entry("established"):
        flow.wrong("the old connection is still there")
    flow.counted(HANDSHAKE, HANDSHAKE, CLOSED)


@case()
def reuse_older(flow):
    """an older SYN into TIME-WAIT is answered by an ACK, the old connection stays"""
    flow.handshake()
    flow.server.fin()
    flow.client.fin()
    flow.server.ack()
    flow.states("CLOSED", "TIME-WAIT")
    flow.client.syn(seq=flow.client.isn - 100000, lost=True)
    flow.server.ack()
    flow.states("SYN-SENT", "LISTEN", old=("CLOSED", "TIME-WAIT"))
    flow.counted(HANDSHAKE, CLOSED, syn_received=1)


@case()
def reuse_refused(flow):
    """TIME-WAIT reuse, but nobody listens any more"""
    flow.handshake()
    flow.close_by_client()
    flow.client.begin(flow.client.isn + 100000)
    flow.client.syn()
    flow.server.send(RST | ACK, seq=0)
    if flow.entry("halfopen"):
        flow.wrong("the new attempt is still there")
    flow.counted(HANDSHAKE, CLOSED, syn_received=1, rst_seen=1, closed_rst=1)


@case()
def assassinated(flow):
    """a RST at the right number ends TIME-WAIT (RFC 1337)"""
    flow.handshake()
    flow.close_by_client()
    flow.server.rst()
    flow.states("CLOSED", "CLOSED", closed_by="client", closed_how="fin")
    flow.counted(HANDSHAKE, CLOSED, rst_seen=1)


# --- sequence numbers wrap

@case(each=(("data", 0xffffff00, 0xfffffff0), ("the FIN", 0xffffffff - 200, 0xffffffff - 300)))
def wrapping(flow, _, client_isn, server_isn):
    """{} at 2^32"""
    flow.client.begin(client_isn)
    flow.server.begin(server_isn)
    flow.handshake()
    flow.client.data(b"x" * 200)
    flow.server.data(b"y" * 300)
    flow.client.ack()
    flow.client.fin()
    flow.states("FIN-WAIT-1", "ESTABLISHED")
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.server.fin()
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED", client_bytes=200, server_bytes=300)
    flow.counted(HANDSHAKE, CLOSED)


@case()
def wrapping_fin(flow):
    """the FIN is the last number, its ACK is 0"""
    flow.client.begin(0xfffffffe)
    flow.server.begin(0xfffffffe)
    flow.handshake()
    flow.client.fin()
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.server.fin()
    flow.client.ack()
    flow.states("TIME-WAIT", "CLOSED")
    flow.counted(HANDSHAKE, CLOSED)


# --- against the kernel

@kernel_case()
def kernel_closes_first(flow):
    """kernel as server closes first"""
    flow.accept()
    flow.kernel.fin()
    flow.answered("FA")
    flow.both("ESTABLISHED", "FIN-WAIT-1")
    flow.fake.send(ACK)
    flow.both("CLOSE-WAIT", "FIN-WAIT-2")
    flow.fake.send(FIN | ACK)
    flow.answered("A")
    flow.states("CLOSED", "TIME-WAIT")
    flow.wait(0.4)
    flow.idle()
    flow.fake.send(FIN | ACK, seq=flow.fake.nxt - 1)
    flow.answered("A")
    flow.states("CLOSED", "TIME-WAIT")
    flow.refreshed()
    flow.counted(closed_fin=1)


@kernel_case()
def kernel_closes_last(flow):
    """kernel as client closes last"""
    flow.connected()
    flow.fake.send(FIN | ACK)
    flow.acknowledged()
    flow.both("CLOSE-WAIT", "FIN-WAIT-2")
    flow.kernel.send()
    flow.both("CLOSE-WAIT", "FIN-WAIT-2")
    flow.kernel.fin()
    flow.both("LAST-ACK", "FIN-WAIT-2")
    flow.fake.send(ACK)
    flow.both("CLOSED", "TIME-WAIT")
    flow.counted(closed_fin=1)


@kernel_case()
def kernel_simultaneous(flow):
    """kernel: simultaneous close"""
    flow.accept()
    before = flow.fake.rcv
    flow.kernel.fin()
    flow.fake.send(FIN | ACK, ack=before)
    flow.answered("A")
    flow.both("FIN-WAIT-2", "CLOSING")
    flow.fake.send(ACK)
    flow.states("TIME-WAIT", "TIME-WAIT")
    flow.counted(closed_fin=1)


@kernel_case()
def kernel_time_wait_newer(flow):
    """kernel in TIME-WAIT: a newer SYN opens a new connection"""
    flow.accept()
    flow.kernel.fin()
    flow.fake.send(FIN | ACK)
    flow.states("CLOSED", "TIME-WAIT")
    flow.kernel.sock.close()
    flow.fake.begin(flow.fake.isn + 100000)
    flow.fake.send(SYN)
    flow.answered("SA")
    flow.fake.send(ACK)
    flow.kernel.sock = flow.listener().accept()[0]
    flow.both("ESTABLISHED", "ESTABLISHED", client_isn=flow.fake.isn, server_isn=flow.kernel.isn)
    flow.counted(handshake_completed=2, closed_fin=1)


@kernel_case()
def kernel_time_wait_older(flow):
    """kernel in TIME-WAIT: an older SYN gets an ACK, its RST ends TIME-WAIT"""
    flow.accept()
    flow.kernel.fin()
    flow.fake.send(FIN | ACK)
    old = flow.fake.nxt
    flow.fake.send(SYN, seq=flow.fake.isn - 100000)
    flow.answered("A")
    flow.states("SYN-SENT", "LISTEN", old=("CLOSED", "TIME-WAIT"), client_isn=flow.fake.isn - 100000)
    flow.fake.send(RST, seq=old)
    if (flow.entry("established") or {}).get("server_state") != "CLOSED":
        flow.wrong("still in TIME-WAIT")
    flow.counted(closed_fin=1)


@kernel_case()
def kernel_vanished(flow):
    """kernel as server has lost its socket: a new connection on the same ports"""
    flow.accept()
    flow.kernel.vanish()
    flow.fake.begin(0x20000000)
    flow.fake.send(SYN)
    flow.answered("SA")
    flow.fake.send(ACK)
    flow.kernel.sock = flow.listener().accept()[0]
    flow.both("ESTABLISHED", "ESTABLISHED", client_isn=flow.fake.isn, server_isn=flow.kernel.isn)
    flow.kernel.send()
    flow.fake.send(FIN | ACK)
    flow.acknowledged()
    flow.both("FIN-WAIT-2", "CLOSE-WAIT")


@kernel_case()
def kernel_vanished_client(flow):
    """kernel as client has lost its socket: a new connection on the same ports"""
    flow.connected()
    flow.kernel.vanish()
    flow.connect()
    flow.fake.begin(0x71000000)
    flow.fake.send(SYN | ACK)
    flow.both("ESTABLISHED", "ESTABLISHED", client_isn=flow.kernel.isn, server_isn=flow.fake.isn)
    flow.kernel.fin()
    flow.fake.send(ACK)
    flow.both("FIN-WAIT-2", "CLOSE-WAIT")


run()
