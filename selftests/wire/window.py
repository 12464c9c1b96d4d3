#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What fits into the windows and what does not, on live connections."""
from case import case, kernel_case, run
from flow import HANDSHAKE
from packet import ACK, FIN, PSH, SYN, mss, timestamp, wscale


def live(flow, client_options=b"", server_options=b""):
    """Both have spoken after the handshake."""
    flow.handshake(client_options, server_options)
    flow.client.data()
    flow.server.data()
    flow.client.ack()


# --- blind segments

@case()
def blind_syn(flow):
    """blind SYN and SYN-ACK on a live connection: the challenge ACKs pass, nothing changes"""
    live(flow)
    flow.server.send(SYN | ACK, seq=0x55555555, lost=True)
    flow.client.ack(lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", server_isn=flow.server.isn)
    flow.client.syn(seq=0x55555555, lost=True)
    flow.server.ack(lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED", old=("SYN-SENT", "LISTEN"), client_isn=flow.client.isn)
    flow.client.data()
    flow.server.data()
    flow.counted(HANDSHAKE, syn_received=1, synack_received=1, syn_on_live=2)


@case()
def blind_data(flow):
    """blind data out of the window is counted and does not keep the connection alive"""
    live(flow)
    flow.wait(0.4)
    for seq in (70000, -70000, 1 << 31, (1 << 31) - 1, -(1 << 30)):
        flow.client.data(seq=flow.client.nxt + seq, lost=True)
    flow.idle()
    flow.states("ESTABLISHED", "ESTABLISHED", client_bytes=9, server_bytes=9)
    flow.counted(HANDSHAKE, out_of_window=5)


@case()
def blind_ack(flow):
    """data in the window with a blind acknowledgment is counted and does not keep it alive"""
    live(flow)
    flow.wait(0.4)
    for ack in (1, 70000, -70000, 1 << 31, (1 << 31) - 1, -(1 << 30)):
        flow.client.data(ack=flow.client.rcv + ack, seq=flow.client.nxt, lost=True)
    flow.idle()
    flow.states("ESTABLISHED", "ESTABLISHED", client_bytes=9)
    flow.counted(HANDSHAKE, bad_ack=6)


@case()
def edges(flow):
    """data at the last number of the window fits, one further does not"""
    flow.client.window = flow.server.window = 5000
    live(flow)
    flow.client.data(b"x", seq=flow.server.rcv + 4999, lost=True)
    flow.counted(HANDSHAKE)
    flow.client.data(b"x", seq=flow.server.rcv + 5001, lost=True)
    flow.counted(HANDSHAKE, out_of_window=1)


# --- segments of a good connection that only look strange

@case()
def keepalive(flow):
    """keepalives, with and without a byte, and their answers"""
    live(flow)
    flow.wait(0.4)
    flow.client.ack(seq=flow.client.nxt - 1)
    flow.server.ack()
    flow.refreshed()
    flow.server.send(ACK, seq=flow.server.nxt - 1, data=b"\0")
    flow.client.ack()
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE)


@case()
def zero_window(flow):
    """a shut window: probes of both kinds, their answers, and the window opens"""
    live(flow)
    flow.server.window = 0
    flow.server.ack()
    flow.wait(0.3)
    for _ in range(2):
        flow.client.ack(seq=flow.client.nxt - 1)
        flow.server.ack()
        flow.client.send(ACK, seq=flow.client.nxt, data=b"x", lost=True)
        flow.server.ack()
    flow.refreshed()
    flow.server.window = 65535
    flow.server.ack()
    flow.client.data(b"x" * 1000)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE)


@case()
def shut_window(flow):
    """data behind a shut window does not fit"""
    live(flow)
    flow.client.data(b"x" * 10)
    flow.server.window = 0
    flow.server.ack()
    flow.client.data(b"x" * 10, seq=flow.client.nxt + 10, lost=True)
    flow.counted(HANDSHAKE, out_of_window=1)


@case()
def acknowledged_again(flow):
    """data that was acknowledged is sent again"""
    live(flow)
    for _ in range(4):
        last = flow.client.data(b"x" * 1000)
        flow.server.ack()
    flow.client.data(b"x" * 1000, seq=last.seq - 3000)
    flow.server.ack()
    flow.states("ESTABLISHED", "ESTABLISHED", client_bytes=5009)
    flow.counted(HANDSHAKE)


@case()
def late_ack(flow):
    """an old ACK comes late, with an old window"""
    live(flow)
    before = flow.server.rcv
    flow.client.data(b"x" * 1400)
    flow.server.ack()
    flow.server.ack(ack=before, window=10)
    flow.client.data(b"x" * 1400)
    flow.counted(HANDSHAKE)


@case()
def reordered(flow):
    """data in the wrong order"""
    live(flow)
    begin = flow.client.nxt
    for step in (3, 1, 2, 0):
        flow.client.data(b"x" * 1000, seq=begin + 1000 * step)
    flow.client.nxt = flow.server.rcv = begin + 4000
    flow.server.ack()
    flow.client.fin()
    flow.server.ack()
    flow.states("FIN-WAIT-2", "CLOSE-WAIT")
    flow.counted(HANDSHAKE, fin_seen=1)


@case()
def wrapping(flow):
    """windows that reach over 2^32"""
    flow.client.begin((1 << 32) - 20)
    flow.server.begin((1 << 32) - 20)
    live(flow)
    flow.client.data(b"x" * 30)
    flow.client.data(b"x" * 60, seq=flow.client.nxt - 30)
    flow.server.ack()
    flow.client.data(seq=flow.client.nxt + 70000, lost=True)
    flow.client.data(seq=flow.client.nxt - 140000, lost=True)
    flow.states("ESTABLISHED", "ESTABLISHED")
    flow.counted(HANDSHAKE, out_of_window=2)


# --- window scaling, RFC 7323 2

@case(each=((0, 0), (7, 7), (14, 14), (15, 14), (255, 14)))
def scaled(flow, option, scale):
    """window scale {} means {}"""
    options = mss(1460) + wscale(option)
    flow.client.window = flow.server.window = 1000
    live(flow, options, options)
    room = 1000 << scale
    flow.client.data(b"x", seq=flow.server.rcv + room - 1, lost=True)
    flow.counted(HANDSHAKE)
    flow.client.data(b"x", seq=flow.server.rcv + room + 1, lost=True)
    flow.counted(HANDSHAKE, out_of_window=1)


@case(each=(("server", b"\3\3\7", b""), ("client", b"", b"\3\3\7")))
def half_scaled(flow, _, client_options, server_options):
    """no scaling where the {} does not offer it"""
    live(flow, client_options, server_options)
    flow.client.data(b"x", seq=flow.server.rcv + 65534, lost=True)
    flow.server.data(b"x", seq=flow.client.rcv + 65534, lost=True)
    flow.counted(HANDSHAKE)
    flow.client.data(b"x", seq=flow.server.rcv + 65536, lost=True)
    flow.server.data(b"x", seq=flow.client.rcv + 65536, lost=True)
    flow.counted(HANDSHAKE, out_of_window=2)


@case()
def syn_not_scaled(flow):
    """the window of SYN and SYN-ACK is not scaled"""
    options = mss(1460) + wscale(14)
    flow.client.window = flow.server.window = 1000
    flow.handshake(options, options)
    flow.client.data(b"x", seq=flow.client.nxt + 70000, lost=True)
    flow.counted(HANDSHAKE, out_of_window=1)


@case()
def scales_apart(flow):
    """each direction has its own scale"""
    flow.client.window = flow.server.window = 1000
    live(flow, wscale(2), wscale(10))
    flow.client.data(b"x", seq=flow.server.rcv + 1024000 - 1, lost=True)
    flow.server.data(b"x", seq=flow.client.rcv + 4000 - 1, lost=True)
    flow.counted(HANDSHAKE)
    flow.client.data(b"x", seq=flow.server.rcv + 1024000 + 1, lost=True)
    flow.server.data(b"x", seq=flow.client.rcv + 4000 + 1, lost=True)
    flow.counted(HANDSHAKE, out_of_window=2)


# --- against the kernel

@kernel_case()
def kernel_blind_syn(flow):
    """kernel: its challenge ACK passes"""
    flow.accept()
    flow.fake.send(SYN, seq=0x55555555)
    flow.answered("A")
    flow.both("ESTABLISHED", "ESTABLISHED", old=("SYN-SENT", "LISTEN"))
    flow.fake.send(ACK | PSH, data=b"still here")
    flow.both("ESTABLISHED", "ESTABLISHED", old=("SYN-SENT", "LISTEN"), client_bytes=10)
    flow.counted(syn_on_live=1)


@kernel_case()
def kernel_blind_data(flow):
    """kernel: blind data out of the window"""
    flow.accept(options=mss(1460) + wscale(7))
    flow.fake.send(ACK | PSH, seq=flow.fake.nxt + (1 << 30), data=b"x" * 100)
    flow.fake.send(ACK | PSH, seq=flow.fake.nxt - (1 << 30), data=b"x" * 100)
    flow.fake.send(FIN | ACK, seq=flow.fake.nxt + (1 << 30))
    flow.fake.send(ACK | PSH, ack=flow.fake.rcv + 1000, seq=flow.fake.nxt, data=b"x" * 100)
    flow.both("ESTABLISHED", "ESTABLISHED", client_bytes=0)
    flow.counted(out_of_window=3, bad_ack=1)


@kernel_case()
def kernel_keepalive(flow):
    """kernel: it answers keepalives"""
    flow.connected()
    flow.wait(0.4)
    flow.fake.send(ACK, seq=flow.fake.nxt - 1)
    flow.answered("A")
    flow.refreshed()
    flow.both("ESTABLISHED", "ESTABLISHED")
    flow.counted()


@kernel_case()
def kernel_retransmits(flow):
    """kernel: data that it has acknowledged comes again"""
    flow.accept(options=mss(1460) + timestamp(1) + wscale(7))
    sent = flow.fake.send(ACK | PSH, data=b"x" * 1000)
    flow.fake.send(ACK | PSH, seq=sent.seq, data=b"x" * 1000)
    flow.both("ESTABLISHED", "ESTABLISHED", client_bytes=2000)
    flow.counted()


run()
