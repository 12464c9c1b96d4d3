#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ways round a firewall that drops SYNs: the SYN gets its cookie, and the ACK that brings it back looks unusual."""
import socket

import packet
from packet import ACK, AO, FIN, MD5, PSH, RST, SYN, URG
from real import PATIENCE, REMOTE, SERVER, World, has_socket, real_case, run_in
from case import need_cookies, run
from spray import spray
from stranger import ATTACKED_AT, ETHER, Stranger, raw_host, settle

BLOCKED, WELCOME = 7, 8
TCP_REPAIR = 19     # linux/tcp.h
FAST_OPEN = bytes([34, 2])
RULES = """
table inet around {
    chain input {
        type filter hook input priority filter;
        ip saddr 203.0.113.7 tcp flags & (syn | ack) == syn drop
        ip6 saddr 2001:db8::7 tcp flags & (syn | ack) == syn drop
    }
}
"""
# Another way to the listener.
ALIAS = 9
DNAT = """
table inet around {
    chain pre {
        type nat hook prerouting priority dstnat;
        meta nfproto ipv4 tcp dport %d dnat ip to %s:%d
        meta nfproto ipv6 tcp dport %d dnat ip6 to [%s]:%d
    }
}
"""
# Away from it.
AWAY = """
table inet around {
    chain pre {
        type nat hook prerouting priority dstnat;
        ip saddr 203.0.113.7 dnat ip to 192.0.2.99
        ip6 saddr 2001:db8::7 dnat ip6 to [fd00:1::99]
    }
}
"""
LOOSE = "netfilter/nf_conntrack_tcp_loose"
# SYNs at once and how often: no queue of the host overflows, but the smallest table does, many times.
BURST, BURSTS = 512, 12


def whole(segment):
    return [segment.packet()]


def with_ip_options(segment):
    return [packet.ip4(segment.source, segment.destination, segment.tcp(), options=packet.NOP * 4)]


def with_extensions(*kinds):
    return lambda segment: [packet.ip6_chain(segment.source, segment.destination, segment.tcp(), kinds)]


def in_fragments(segment):
    tcp, ends = segment.tcp(), (segment.source, segment.destination)
    if len(segment.source) == 16:
        return packet.ip6_fragments(*ends, tcp, 24)
    return [packet.ip4(*ends, tcp[:8], fragment=0x2000, ident=segment.sport),
            packet.ip4(*ends, tcp[8:], fragment=1, ident=segment.sport)]


# name: families, whether the welcome get in so, fields of the ACK, its packets
WAYS = {
    "as usual": ((4, 6), True, {}, whole),
    "with data": ((4, 6), True, {"flags": ACK | PSH, "data": b"x" * 40}, whole),
    "with FIN and URG": ((4, 6), True, {"flags": ACK | FIN | URG}, whole),
    "with a Fast Open option": ((4, 6), True, {"options": FAST_OPEN}, whole),
    # The kernel believes no signature that it has no key for; 6.1 knows nothing of AO.
    "signed, RFC 2385": ((4, 6), None, {"options": MD5}, whole),
    "signed, RFC 5925": ((4, 6), None, {"options": AO}, whole),
    "with IP options": ((4,), True, {}, with_ip_options),
    "behind a destination header": ((6,), True, {}, with_extensions(packet.DESTINATION)),
    "as an atomic fragment": ((6,), True, {}, with_extensions(packet.FRAGMENT)),
    "in fragments": ((4, 6), False, {"flags": ACK | PSH, "data": b"x" * 40}, in_fragments),
}


def ask(flow, number, sport=None):
    """A client whose SYN is answered."""
    client = Stranger(flow, number, sport)
    client.syn()
    client.synack()
    return client


def bring_back(flow, client, fields, packets):
    """Its ACK, in that way."""
    fields = {"flags": ACK, **fields}
    segment = client.segment(fields.pop("flags"), seq=client.seq + 1, ack=client.isn + 1, **fields)
    for one in packets(segment):
        raw_host(flow).say(one)
    settle(flow)


def knock(flow, number, fields, packets):
    client = ask(flow, number)
    bring_back(flow, client, fields, packets)
    return client


def came(listener, seconds):
    """The source port of who is connected, or None."""
    listener.settimeout(seconds)
    try:
        return listener.accept()[1][1]
    except TimeoutError:
        return None


def use_rules(flow, rules=RULES):
    run_in(flow.world.server, ["nft", "-f", "-"], rules)
    flow.closing.callback(run_in, flow.world.server, ["nft", "delete", "table", "inet", "around"])


def check(flow, way):
    _, welcome, fields, packets = WAYS[way]
    use_rules(flow)
    flow.kernel_setting(flow.world.server, "tcp_fastopen", 3)
    fast = lambda sock: sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
    listener = flow.listener(prepare=fast)
    flow.mode(3)
    knock(flow, BLOCKED, fields, packets)
    flow.same("blocked: connected", came(listener, 0.3), None)
    flow.same("blocked: cookies sent", flow.risen("cookie_sent"), 1)
    friend = knock(flow, WELCOME, fields, packets)
    if welcome is not None:
        flow.same("welcome: connected", came(listener, PATIENCE if welcome else 0.3), friend.sport if welcome else None)
    flow.mode(2)


@real_case(families=(4, 6), each=[(0,), (2,)])
def later(flow, mode):
    """a cookie of mode 3 that comes back in mode {}: no way round"""
    use_rules(flow)
    listener = flow.listener()
    flow.mode(3)
    blocked, welcome = ask(flow, BLOCKED), ask(flow, WELCOME)
    flow.mode(mode)
    bring_back(flow, blocked, {}, whole)
    flow.same("blocked: connected", came(listener, 0.3), None)
    bring_back(flow, welcome, {}, whole)
    flow.same("welcome: connected", came(listener, PATIENCE), welcome.sport)
    flow.mode(2)


@real_case(families=(4, 6))
def given_up(flow):
    """blocked for SYNs where the server has given an old connection up: no way round"""
    flow.kernel_setting(flow.world.server, "tcp_fin_timeout", 1)
    listener = flow.listener()
    flow.mode(3)
    first = knock(flow, BLOCKED, {}, whole)
    # Nobody keeps what was accepted: the server closes first.
    flow.same("not blocked yet: connected", came(listener, PATIENCE), first.sport)
    raw_host(flow).say(first.segment(ACK, seq=first.seq + 1, ack=first.isn + 2).packet())
    flow.becomes("the socket has gone", lambda: not has_socket(flow.world.server, REMOTE, first.sport))
    use_rules(flow)
    again = ask(flow, BLOCKED, first.sport)
    bring_back(flow, again, {}, whole)
    flow.same("blocked: connected", came(listener, 0.3), None)
    flow.mode(2)


def times_out(flow, client, conn):
    """The server closes first, and waits in vain for the client."""
    conn.close()
    raw_host(flow).say(client.segment(ACK, seq=client.seq + 1, ack=client.isn + 2).packet())


def is_reset(flow, client, conn):
    conn.close()
    raw_host(flow).say(client.segment(RST, seq=client.seq + 1).packet())


def vanishes(_, _client, conn):
    """Without a word, just after the last one."""
    conn.send(b"x")
    conn.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    conn.close()


@real_case(families=(4, 6), each=[(end.__name__.replace("_", " "), end, way) for end in (times_out, is_reset, vanishes)
                                  for way in ("as usual", "with data", "in fragments")])
def once_more(flow, _, end, way):
    """blocked for SYNs where an old connection {0}, and its ACK once more {2}: no way round"""
    *_, fields, packets = WAYS[way]
    flow.kernel_setting(flow.world.server, "tcp_fin_timeout", 1)
    listener = flow.listener()
    flow.mode(3)
    client = knock(flow, BLOCKED, {}, whole)
    listener.settimeout(PATIENCE)
    conn, peer = listener.accept()
    flow.same("not blocked yet: connected", peer[1], client.sport)
    end(flow, client, conn)
    flow.becomes("the socket has gone", lambda: not has_socket(flow.world.server, REMOTE, client.sport))
    use_rules(flow)
    bring_back(flow, client, fields, packets)
    flow.same("blocked: connected", came(listener, 0.3), None)
    flow.same("ACKs dropped", flow.risen("cookie_replayed") + flow.risen("cookie_in_fragments"), 1)
    flow.mode(2)


@real_case(families=(4, 6), each=[(way,) for way, (families, *_) in WAYS.items() if len(families) == 2])
def either(flow, way):
    """blocked for SYNs, and an ACK {}: no way round"""
    check(flow, way)


@real_case(families=(4,), each=[(way,) for way, (families, *_) in WAYS.items() if families == (4,)])
def only4(flow, way):
    """blocked for SYNs, and an ACK {}: no way round"""
    check(flow, way)


@real_case(families=(6,), each=[(way,) for way, (families, *_) in WAYS.items() if families == (6,)])
def only6(flow, way):
    """blocked for SYNs, and an ACK {}: no way round"""
    check(flow, way)


def lead(flow):
    """From here on NAT leads ALIAS to the case's port."""
    use_rules(flow, RULES + DNAT % (ALIAS, SERVER[4], flow.port, ALIAS, SERVER[6], flow.port))


# These are the last: where NAT has been, old kernels go on to put fragments together.
@real_case(families=(4, 6))
def led(flow):
    """blocked for SYNs, and an ACK to a port that leads to the listener's: no way round"""
    lead(flow)
    listener = flow.listener()
    flow.mode(3)
    knock(flow, BLOCKED, {"dport": ALIAS}, whole)
    flow.same("blocked: connected", came(listener, 0.3), None)
    flow.same("blocked: cookies sent", flow.risen("cookie_sent"), 1)
    flow.mode(2)


@real_case(families=(4, 6))
def led_slowly(flow):
    """a slow client by a port that leads to the listener's, where a flood has taken its entry: it gets in"""
    lead(flow)
    flow.kernel_setting(flow.world.server, "tcp_syncookies", 2)
    listener = flow.listener()
    flow.mode(3)
    first = knock(flow, WELCOME, {}, whole)
    flow.same("straight: connected", came(listener, PATIENCE), first.sport)
    slow = Stranger(flow, WELCOME)
    slow.syn(dport=ALIAS)
    slow.synack()
    flow.mode(0)
    for _ in range(BURSTS):
        with flow.world.attacker.inside():
            spray("eth0", ETHER, ATTACKED_AT, [ALIAS], SYN, count=BURST)
        settle(flow)
    flow.mode(3)
    bring_back(flow, slow, {"dport": ALIAS}, whole)
    flow.same("by the other port: connected", came(listener, PATIENCE), slow.sport)
    # One of the two families has no listener, and is reset.
    flow.least("half-open entries put out", flow.risen("evicted_halfopen"), BURST * BURSTS // 4)
    flow.mode(2)


def elsewhere(flow):
    """NAT leads the client that is not wanted here away; conntrack takes nothing that begins without a SYN."""
    use_rules(flow, AWAY)
    flow.closing.callback(flow.world.server.sysctl, LOOSE, 1)
    flow.world.server.sysctl(LOOSE, 0)


@real_case(families=(4, 6))
def led_away(flow):
    """led elsewhere for SYNs, and an ACK that conntrack does not lead: no way round"""
    elsewhere(flow)
    listener = flow.listener()
    flow.mode(3)
    knock(flow, BLOCKED, {}, whole)
    flow.same("blocked: connected", came(listener, 0.3), None)
    flow.same("cookies sent, ACKs dropped", (flow.risen("cookie_sent"), flow.risen("ack_unknown_to_nat")), (1, 1))
    flow.mode(2)


def entries(namespace):
    with namespace.inside(), open("/proc/sys/net/netfilter/nf_conntrack_count", encoding="ascii") as file:
        return int(file.read())


@real_case(families=(4, 6))
def strays(flow):
    """ACKs of no connection where there is NAT: conntrack keeps none"""
    need_cookies(flow.family)
    lead(flow)
    flow.listener()
    flow.mode(3)
    before = entries(flow.world.server)
    for _ in range(50):
        raw_host(flow).say(Stranger(flow, WELCOME).segment(ACK, seq=1, ack=1).packet())
    settle(flow)
    flow.same("dropped", flow.risen("ack_unknown_to_nat"), 50)
    flow.most("entries", entries(flow.world.server) - before, 5)
    flow.mode(2)


@real_case(families=(4, 6))
def clash(flow):
    """a client whose port another connection has behind NAT: it is refused, others go on to get cookies"""
    lead(flow)
    listener = flow.listener()
    listener.settimeout(PATIENCE)
    flow.mode(3)
    first = Stranger(flow, WELCOME)
    first.syn(dport=ALIAS)
    first.synack()
    first.ack(dport=ALIAS)
    conn, _ = listener.accept()
    raw_host(flow).say(first.segment(ACK | FIN, dport=ALIAS, seq=first.seq + 1, ack=first.isn + 1).packet())
    conn.recv(1)
    conn.close()
    raw_host(flow).say(first.segment(ACK, dport=ALIAS, seq=first.seq + 2, ack=first.isn + 2).packet())
    flow.becomes("the socket has gone", lambda: not has_socket(flow.world.server, REMOTE, first.sport))
    again = ask(flow, WELCOME, first.sport)
    bring_back(flow, again, {}, whole)
    flow.same("replays refused, elsewhere", (flow.risen("replay_refused"), flow.risen("replay_elsewhere")), (1, 0))
    knock(flow, WELCOME, {}, whole)
    flow.same("the next: connected", came(listener, PATIENCE) is not None, True)
    flow.same("cookies sent", flow.risen("cookie_sent"), 2)
    flow.mode(2)


run(World)
