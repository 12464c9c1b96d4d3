#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Cookies for every kind of socket and route: what both ends have negotiated is what they do without cookies."""
import select
import socket

from case import Unfit, run
from real import PATIENCE, SERVER, Tap, World, exchange, ip, on_the_wire, options_of, real_case, run_in
from watch import Watch

SIZE = 30000
BEYOND = {4: "198.51.100.2", 6: "fd00:2::2"}    # the third host
TIMESTAMP = 12

# What a cookie can keep of the client's MSS: net/ipv4/syncookies.c, net/ipv6/syncookies.c.
KEPT_MSS = {4: (536, 1300, 1440, 1460), 6: (1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60)}


def kept_mss(family, mss):
    return max([kept for kept in KEPT_MSS[family] if kept <= mss] or [KEPT_MSS[family][0]])


def connect(flow, listener, device, address):
    """One connection: what was on the wire, and what the ends say."""
    tap = Tap(flow.world.client, device)
    client = flow.socket(flow.world.client)
    try:
        client.connect(address if isinstance(address, tuple) else (address, flow.port))
        syn = tap.find(lambda s: s.dport == flow.port and s.letters.startswith("S"))
        synack = tap.find(lambda s: s.sport == flow.port and s.dport == syn.sport)
    finally:
        tap.close()
    server = listener.accept()[0]
    server.settimeout(PATIENCE)
    if not exchange(client, server, SIZE):
        flow.wrong("data: damaged")
    said = {"syn": on_the_wire(syn), "synack": on_the_wire(synack),
            "client": options_of(client), "server": options_of(server)}
    client.close()
    server.close()
    return said


def scales_agree(flow, name, said):
    """Each end scales as the other was told."""
    told = said["synack"]["wscale"], said["syn"]["wscale"]
    if None in told:
        told = 0, 0
    flow.same(f"{name}: scale of the server's window as server, client know it",
              (said["server"]["rcv_wscale"], said["client"]["snd_wscale"]), (told[0], told[0]))
    flow.same(f"{name}: scale of the client's window as client, server know it",
              (said["client"]["rcv_wscale"], said["server"]["snd_wscale"]), (told[1], told[1]))


def expected(family, plain, maxseg):
    """What a cookie makes of it: the same, but of the client's MSS only a few values are kept."""
    want = {end: dict(facts) for end, facts in plain.items()}
    mss = kept_mss(family, min(plain["syn"]["mss"], maxseg)) - (TIMESTAMP if plain["server"]["ts"] else 0)
    want["server"]["snd_mss"] = min(want["server"]["snd_mss"], mss)
    # It sends no more than half of the largest window that has come by then: that is no fact of the handshake.
    if plain["synack"]["window"] < 2 * plain["client"]["advmss"]:
        del want["client"]["snd_mss"]
    return want


def compare(flow, listener, where=None, device="eth0", address=None, cookies=1, maxseg=65535):
    """A connection without cookies, and one with. @maxseg: the listener's TCP_MAXSEG."""
    where = where or flow.world.server
    watch = Watch(where)
    address = address or SERVER[flow.family]
    flow.mode(0, where)
    plain = connect(flow, listener, device, address)
    flow.mode(3, where)
    watch.start()
    cookie = connect(flow, listener, device, address)
    flow.mode(2, where)
    flow.same("cookies sent", watch.risen().get("cookie_sent", 0), cookies)
    flow.same("cookies that came back", watch.risen().get("cookie_valid", 0), cookies)
    scales_agree(flow, "without cookies", plain)
    scales_agree(flow, "with cookies", cookie)
    want = expected(flow.family, plain, maxseg) if cookies else plain
    for end, facts in want.items():
        flow.same(end, {name: cookie[end][name] for name in facts}, facts)
    return cookie


def bound_to(device):
    return lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())


# --- addresses

@real_case()
def wildcard(flow):
    """listener on all addresses of its family"""
    only6 = lambda sock: flow.family == 6 and sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    compare(flow, flow.listener(prepare=only6))


@real_case()
def specific(flow):
    """listener on one address"""
    compare(flow, flow.listener(SERVER[flow.family]))


def both_families(sock):
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)


@real_case()
def mapped(flow):
    """client of a listener on :: that takes both families"""
    compare(flow, flow.listener(family=6, prepare=both_families))


@real_case(families=(4,))
def mapped_specific(flow):
    """client of a listener on an IPv4-mapped address"""
    compare(flow, flow.listener(f"::ffff:{SERVER[4]}", family=6, prepare=both_families))


@real_case()
def device(flow):
    """listener bound to a device"""
    compare(flow, flow.listener(prepare=bound_to("client0")))


@real_case()
def other_device(flow):
    """listener bound to another device: nobody there, with cookies neither"""
    flow.listener(prepare=bound_to("attack0"))
    refused(flow)


def refused(flow):
    for mode in (0, 3):
        flow.mode(mode)
        try:
            flow.client()
            flow.wrong(f"mode {mode}: connected")
        except ConnectionRefusedError:
            pass
    flow.mode(2)
    flow.same("cookies sent", flow.risen("cookie_sent"), 0)


@real_case()
def group(flow):
    """four listeners with SO_REUSEPORT: each gets connections"""
    share = lambda sock: sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    members = [flow.listener(prepare=share) for _ in range(4)]
    flow.mode(3)
    got = [0] * len(members)
    # Four in a row miss one member of four in a third of all cases, 40 in one of 25,000.
    for _ in range(40):
        client = flow.client()
        # The client is connected before its ACK has arrived.
        ready = select.select(members, [], [], PATIENCE)[0]
        taken = [(members.index(member), member.accept()[0]) for member in ready]
        if len(taken) != 1:
            flow.wrong(f"{len(taken)} members have the connection")
            continue
        got[taken[0][0]] += 1
        taken[0][1].settimeout(PATIENCE)
        if not exchange(client, taken[0][1], 1000):
            flow.wrong("data: damaged")
        taken[0][1].close()
        client.close()
    flow.mode(2)
    flow.least("connections of each", min(got), 1)
    flow.same("cookies that came back", flow.risen("cookie_valid"), 40)
    flow.same("listeners that the module knows", len([p for p in flow.listeners() if p == flow.port]), 1)


def own_link_local(namespace, name):
    """A device's link-local address and its number."""
    with open(f"{namespace.proc}/if_inet6", encoding="ascii") as file:
        line = next(line.split() for line in file if line.startswith("fe80") and line.split()[-1] == name)
    return ":".join(line[0][at:at + 4] for at in range(0, 32, 4)), int(line[1], 16)


def by_link_local(flow):
    """The server's link-local address, as the client calls it."""
    return own_link_local(flow.world.server, "client0")[0], flow.port, 0, own_link_local(flow.world.client, "eth0")[1]


@real_case(families=(6,))
def link_local(flow):
    """link-local addresses"""
    compare(flow, flow.listener(), address=by_link_local(flow))


# --- routes

METRICS = (("advmss 500",), ("window 16384",), ("initrwnd 5",), ("mtu 1280",), ("window 16384 initrwnd 5 advmss 800",))


def with_metrics(flow, what):
    """A route to the client alone, for one case."""
    target = "192.0.2.2/32 dev client0" if flow.family == 4 else "fd00:1::2/128 dev client0"
    ip(flow.world.server, f"route add {target} {what}\n")
    flow.closing.callback(ip, flow.world.server, f"route del {target}\n")


@real_case(each=METRICS)
@real_case(families=(4,), each=(("mtu 600",), ("mtu lock 600",)))
def metrics(flow, what):
    """route to the client with {}"""
    with_metrics(flow, what)
    said = compare(flow, flow.listener())
    if "initrwnd" in what:
        flow.most("window of the SYN-ACK", said["synack"]["window"], 5 * said["synack"]["mss"])
    if what == "advmss 500":
        flow.same("MSS of the SYN-ACK", said["synack"]["mss"], 500)
    if what == "mtu 600":
        flow.same("MSS of the SYN-ACK", said["synack"]["mss"], 560)
    if "window" in what:
        flow.most("window of the SYN-ACK", said["synack"]["window"], 16384)


CLIENT = {4: "192.0.2.2/32", 6: "fd00:1::2/128"}


def to_client(flow, commands, undo):
    """Routes to the client, for one case; the MSS of the SYN-ACK tells that it went by them."""
    target, version = CLIENT[flow.family], f"-{flow.family}"
    for command in commands:
        run_in(flow.world.server, ["ip", version, *command.format(target).split()])
    for command in undo:
        flow.closing.callback(run_in, flow.world.server, ["ip", version, *command.format(target).split()])
    said = compare(flow, flow.listener())
    flow.same("MSS of the SYN-ACK", said["synack"]["mss"], 600)


@real_case(families=(4,))
def two_next_hops(flow):
    """route to the client with two next hops"""
    try:
        to_client(flow, ["route add {} advmss 600 nexthop dev client0 nexthop dev client0"], ["route del {}"])
    except RuntimeError as error:
        # CONFIG_IP_ROUTE_MULTIPATH
        if "Multipath support not enabled" in str(error):
            raise Unfit from error
        raise


@real_case()
def next_hop_object(flow):
    """route to the client by a next-hop object"""
    to_client(flow, ["nexthop add id 7 dev client0", "route add {} nhid 7 advmss 600"],
              ["nexthop del id 7"])


@real_case(each=(("blackhole",), ("unreachable",), ("prohibit",)))
def no_way_back(flow, kind):
    """{} route to the client: no cookie, and the kernel decides"""
    flow.listener()
    flow.mode(3)
    run_in(flow.world.server, ["ip", f"-{flow.family}", "route", "add", kind, CLIENT[flow.family]])
    client = flow.socket(flow.world.client)
    client.setblocking(False)
    client.connect_ex((SERVER[flow.family], flow.port))
    flow.becomes("SYN without a way back counted", lambda: flow.risen("cookie_no_route") >= 1)
    flow.same("cookies", flow.risen("cookie_sent"), 0)
    run_in(flow.world.server, ["ip", f"-{flow.family}", "route", "del", kind, CLIENT[flow.family]])
    flow.mode(2)


@real_case(each=((600,), (1280,)))
def small_client(flow, mtu):
    """client with an MTU of {} on its route"""
    mtu = max(mtu, 1280) if flow.family == 6 else mtu
    target = f"{SERVER[flow.family]}/{128 if flow.family == 6 else 32} dev eth0"
    ip(flow.world.client, f"route add {target} mtu {mtu}\n")
    flow.closing.callback(ip, flow.world.client, f"route del {target}\n")
    compare(flow, flow.listener())


def set_mtu(flow, mtu):
    ip(flow.world.server, f"link set client0 mtu {mtu}\n")
    ip(flow.world.client, f"link set eth0 mtu {mtu}\n")


@real_case()
def jumbo(flow):
    """devices with an MTU of 9000"""
    set_mtu(flow, 9000)
    flow.closing.callback(set_mtu, flow, 1500)
    said = compare(flow, flow.listener())
    flow.same("MSS of the SYN-ACK", said["synack"]["mss"], 9000 - (40 if flow.family == 4 else 60))


# --- options of sockets, and of namespaces where cookies.sh has none

@real_case(each=((1000,), (60000,), (4000000,)))
def receive_buffer(flow, size):
    """listener with SO_RCVBUF {}"""
    compare(flow, flow.listener(prepare=lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)))


@real_case(each=((2000,), (30000,)))
def clamped(flow, size):
    """listener with TCP_WINDOW_CLAMP {}"""
    compare(flow, flow.listener(prepare=lambda s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, size)))


@real_case()
def user_mss(flow):
    """listener with TCP_MAXSEG 1350"""
    compare(flow, flow.listener(prepare=lambda s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1350)),
            maxseg=1350)


@real_case()
def bare_client(flow):
    """client without timestamps, window scaling and SACK"""
    for name in ("tcp_timestamps", "tcp_window_scaling", "tcp_sack"):
        flow.kernel_setting(flow.world.client, name, 0)
    compare(flow, flow.listener())


@real_case()
def no_syncookies(flow):
    """tcp_syncookies=0: the kernel answers, and that is counted"""
    flow.kernel_setting(flow.world.server, "tcp_syncookies", 0)
    compare(flow, flow.listener(), cookies=0)
    flow.same("SYNs that had to pass", flow.risen("cookie_passed"), 1)


@real_case()
def kernel_cookies(flow):
    """tcp_syncookies=2: the kernel's own cookies and the module's are the same"""
    flow.kernel_setting(flow.world.server, "tcp_syncookies", 2)
    compare(flow, flow.listener())


# --- other namespaces, and VRF, which changes the links for good

@real_case()
def forwarded(flow):
    """listener in another namespace, behind this one: its own cookies"""
    world = flow.world
    if flow.family == 4:
        # The third host hears what is said to it.
        run_in(world.attacker, ["tc", "qdisc", "del", "dev", "eth0", "clsact"])
    world.server.sysctl("ipv4/ip_forward", 1)
    world.server.sysctl("ipv6/conf/all/forwarding", 1)
    listener = flow.listener(namespace=world.attacker)
    compare(flow, listener, where=world.attacker, address=BEYOND[flow.family])
    # With cookies always on, the host between leaves alone what it forwards.
    flow.mode(3)
    world.watch.start()
    compare(flow, listener, where=world.attacker, address=BEYOND[flow.family])
    flow.same("cookies of the host between", flow.risen("cookie_sent"), 0)
    flow.same("what it looked at", flow.risen("guard_syn") + flow.risen("guard_ack"), 0)
    flow.mode(2)


@real_case()
def policy_routing(flow):
    """rule that sends what goes to the client by another table"""
    to_client(flow, ["route add {} dev client0 advmss 600 table 77", "rule add to {} lookup 77"],
              ["rule del to {} lookup 77", "route del {} table 77"])


def make_vrf(world):
    """Links that join a VRF lose their IPv6 addresses and neighbours."""
    ip(world.server, """link add vrf0 type vrf table 10
link set vrf0 up
link set client0 master vrf0
address replace fd00:1::1/64 dev client0 nodad
neighbour replace 192.0.2.2 lladdr 02:00:00:00:01:02 dev client0 nud permanent
neighbour replace fd00:1::2 lladdr 02:00:00:00:01:02 dev client0 nud permanent
""")


@real_case(families=(4,))
def vrf_itself(flow):
    """the VRF can be made"""
    make_vrf(flow.world)


@real_case()
def vrf(flow):
    """listener bound to a VRF"""
    compare(flow, flow.listener(prepare=bound_to("vrf0")))


@real_case(families=(6,))
def vrf_link_local(flow):
    """link-local addresses in a VRF are the kernel's: they pass PRE_ROUTING before the VRF alone"""
    compare(flow, flow.listener(prepare=bound_to("vrf0")), address=by_link_local(flow), cookies=0)


@real_case()
def vrf_port(flow):
    """listener bound to a device in a VRF"""
    compare(flow, flow.listener(prepare=bound_to("client0")))


@real_case()
def vrf_unbound(flow):
    """listener outside the VRF: nobody there, with cookies neither"""
    flow.listener()
    refused(flow)


@real_case()
def vrf_accept(flow):
    """listener for all VRFs, tcp_l3mdev_accept=1"""
    flow.kernel_setting(flow.world.server, "tcp_l3mdev_accept", 1)
    compare(flow, flow.listener())


run(World)
