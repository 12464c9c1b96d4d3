# SPDX-License-Identifier: GPL-2.0
"""The lives that oracle.py leads connections through.

A life is a list of steps, drawn from a seed and the life's number and nothing else. A step is (who, what, argument...);
A is the end that opens, B the other one. oracle_ends.py says what each step does.
"""
import random

# Lives of one group run at once, under one setting of cookies, options and Fast Open.
GROUP = 100

COOKIES = ("no cookies", "module's cookies", "no cookies", "kernel's cookies")

# Listeners by what the test machine does to them; three ports each: IPv4, IPv6, IPv4 on a dual-stack socket.
PLAIN, FAST = 7000, 7010
CLOSED = 7040		# nobody listens
FILTERED = 7020		# the server's firewall drops all
NO_ACK = 7030		# the server's firewall drops all but SYNs
MUTE = 7050		# the client's firewall drops what the server says, but not its SYN and FIN

# A second port in this distance from A's: B's own in a simultaneous open.
CROSS_DISTANCE = 20000
PORTS = 10000


class Group:
    """What a group of lives has in common."""

    def __init__(self, seed, number, netem):
        rng = random.Random(f"{seed} group {number}")
        # The kernel's own cookies leave ghosts: a late ACK that fits by chance opens a connection once more.
        self.cookies = COOKIES[number % (2 if netem else len(COOKIES))]
        self.fastopen = rng.choice((3, 0x207))
        self.timestamps = rng.choice((1, 1, 0))
        self.sack = rng.choice((1, 1, 0))
        self.window_scaling = rng.choice((1, 1, 0))
        self.netem = netem

    def __str__(self):
        return (f"{self.cookies}, tcp_fastopen={self.fastopen} tcp_timestamps={self.timestamps} "
                f"tcp_sack={self.sack} tcp_window_scaling={self.window_scaling}")


class Kind:
    """How to draw the steps of one kind of life.

    weight:  how often, against the others
    port:    first of three ports of the listener
    routed:  always, never or at random (None) through a third host on a slow link
    cookies: whether it makes sense where a cookie takes the place of SYN-RECEIVED
    hangs:   a retransmission timer may run at rest
    local:   what is filtered has passed the far tracker: each tracker knows only its own host's end
    """

    def __init__(self, name, draw, weight=4, port=None, routed=None, cookies=True, hangs=False, local=False):
        self.name, self.draw, self.weight, self.port = name, draw, weight, port
        self.routed, self.cookies, self.hangs, self.local = routed, cookies, hangs, local


KINDS = []


def kind(name, **how):
    def add(draw):
        KINDS.append(Kind(name, draw, **how))
        return draw
    return add


class Life:
    """One connection, from nothing to where it comes to rest."""

    def __init__(self, seed, number, group, kind_name=None):
        rng = random.Random(f"{seed} life {number}")
        kinds = [k for k in KINDS if k.name == kind_name or not kind_name and (k.cookies or group.cookies == COOKIES[0])]
        self.number = number
        self.lossy = group.netem
        self.careful = group.netem or group.cookies != COOKIES[0]
        self.kind = rng.choices(kinds, [k.weight for k in kinds])[0]
        self.family = rng.choice(("ipv4", "ipv6", "mapped"))
        self.routed = rng.random() < 0.4 if self.kind.routed is None else self.kind.routed
        self.autobind = rng.random() < 0.3
        self.keepalive = (group.netem or rng.random() < 0.1) and not self.kind.hangs
        self.port = PORTS + number
        steps = self.kind.draw(rng)
        fast = any(step[1] == "fast" for step in steps)
        self.server_port = self.kind.port or (FAST if fast else PLAIN)
        # A lost ACK takes its cookie along: nobody but the client knows of the connection until the client speaks. And
        # not of one byte: the kernel would take the segment after that for a cookie, too, when its socket has just gone.
        if group.netem and group.cookies != COOKIES[0]:
            steps = speak_first(steps)
        self.steps = steps

    def __str__(self):
        script = "; ".join(" ".join(str(word) for word in step) for step in self.steps)
        way = "routed" if self.routed else "direct"
        extra = ", keepalive" * self.keepalive + ", own port chosen by the kernel" * self.autobind
        return f"life {self.number}: {self.kind.name}, {self.family}, {way}{extra}\n  steps: {script}"


def speak_first(steps):
    out = []
    for step in steps:
        out.append(step)
        if step == ("A", "connected"):
            out.append(("A", "send", 10))
    return out


# --- parts of lives

def other(who):
    return "B" if who == "A" else "A"


def size(rng):
    return rng.choice((1, 100, 1448, 1449, rng.randrange(1, 4000), rng.randrange(1, 20000)))


def pause(rng):
    return [("-", "pause", rng.choice((1, 5, 20, 60)))] if rng.random() < 0.3 else []


def send(rng, who):
    return [(who, "urgent" if rng.random() < 0.05 else "send", size(rng))]


def talk(rng):
    steps = []
    for _ in range(rng.randrange(4)):
        who = rng.choice("AB")
        steps += send(rng, who)
        if rng.random() < 0.6:
            steps.append((other(who), "read"))
        steps += pause(rng)
    return steps


def opened(rng):
    """A connection that both applications have; Fast Open and data on the handshake's ACK among them."""
    ways = ([("A", "open")],
            [("A", "fast", size(rng))],
            [("A", "open", "data on the ACK"), ("A", "send", 10)])
    how = rng.choices(ways, (8, 1, 1))[0]
    return how + [("A", "connected"), ("B", "accepted")]


def used(rng):
    return opened(rng) + talk(rng)


def finish(rng, who):
    """Its FIN: alone or with data, keeping the socket or leaving it to the kernel."""
    steps = [(who, "more", size(rng))] if rng.random() < 0.3 else []
    return steps + [(who, rng.choice(("shut", "close")))]


def prompt(rng, who):
    """Its FIN at once. One that waits behind data in the send queue has been sent for its own kernel only, and when the
    peer's FIN comes meanwhile, nobody else can tell a simultaneous close from an ordinary one."""
    steps = [(who, "more", rng.randrange(1, 1000))] if rng.random() < 0.3 else []
    return [(who, "all sent")] + steps + [(who, rng.choice(("shut", "close")))]


def reset(rng, who):
    return [(who, rng.choice(("reset", "reset", "disconnect")))]


def close_tail(rng, first):
    """first closes; the other one sees it and closes as well."""
    return [(first, "read")] + finish(rng, first) + [(other(first), "eof"), (other(first), "close")]


# --- kinds

@kind("left open")
def left_open(rng):
    return used(rng)


@kind("not accepted", weight=1)
def not_accepted(rng):
    return [("A", "open"), ("A", "connected")] + (send(rng, "A") if rng.random() < 0.5 else [])


@kind("client closes first", weight=6)
def client_first(rng):
    return used(rng) + close_tail(rng, "A")


@kind("server closes first", weight=6)
def server_first(rng):
    return used(rng) + close_tail(rng, "B")


@kind("close and close, no waiting")
def close_both(rng):
    who = rng.choice("AB")
    return used(rng) + [("A", "read"), ("B", "read")] + prompt(rng, who) + pause(rng) + prompt(rng, other(who))


@kind("simultaneous close", weight=6, routed=True)
def crossing_close(rng):
    return used(rng) + [("A", "read"), ("B", "read"), ("-", "pause", 60)] + prompt(rng, "A") + prompt(rng, "B")


@kind("half-closed, then data", weight=6)
def half_close(rng):
    who = rng.choice("AB")
    steps = used(rng) + [(who, "read"), (who, "shut"), (other(who), "until", "CLOSE-WAIT")]
    for _ in range(rng.randrange(1, 4)):
        steps += [(other(who), "send", size(rng)), (who, "read")] + pause(rng)
    if rng.random() < 0.6:
        steps += finish(rng, other(who))
    return steps


@kind("left half-closed", weight=6)
def left_half(rng):
    return used(rng) + [("A", "read"), ("B", "read")] + finish(rng, rng.choice("AB"))


@kind("data after the other one has gone")
def late_data(rng):
    who = rng.choice("AB")
    return (used(rng) + [(who, "read"), (who, "close"), (other(who), "until", "CLOSE-WAIT")] +
            pause(rng) + send(rng, other(who)))


@kind("close with unread data")
def unread(rng):
    who = rng.choice("AB")
    return used(rng) + send(rng, other(who)) + [(who, "readable"), (who, "close")]


@kind("reset before accept", weight=2)
def reset_early(rng):
    return [("A", "open"), ("A", "connected")] + pause(rng) + reset(rng, "A")


@kind("reset when established", weight=5)
def reset_established(rng):
    return used(rng) + reset(rng, rng.choice("AB"))


@kind("reset when closing", weight=8)
def reset_closing(rng):
    who = rng.choice("AB")
    before = rng.choice((
        [(who, "shut")],
        [(who, "shut"), (other(who), "until", "CLOSE-WAIT")],
        [(other(who), "shut"), (who, "until", "CLOSE-WAIT")],
        [(other(who), "close"), (who, "until", "CLOSE-WAIT")],
        [(other(who), "shut"), (who, "until", "CLOSE-WAIT"), (who, "shut")],
        [(who, "shut"), (other(who), "shut")],
    ))
    return used(rng) + [("A", "read"), ("B", "read")] + before + reset(rng, who)


@kind("to a closed port", port=CLOSED)
def refused(rng):
    return rng.choice(([("A", "open")], [("A", "fast", size(rng))])) + [("A", "connected")]


@kind("simultaneous open", weight=6, port=CLOSED, routed=True)
def crossing_open(rng):
    tail = rng.choice((
        lambda: [],
        lambda: close_tail(rng, rng.choice("AB")),
        lambda: finish(rng, rng.choice("AB")),
        lambda: reset(rng, rng.choice("AB")),
        lambda: prompt(rng, "A") + prompt(rng, "B"),
    ))
    return ([("A", "cross"), ("B", "cross"), ("A", "connected"), ("B", "connected")] + talk(rng) +
            [("A", "all sent"), ("B", "all sent")] + tail())


@kind("Fast Open", weight=8)
def fast_open(rng):
    tail = rng.choice((
        lambda: talk(rng),
        lambda: talk(rng) + close_tail(rng, rng.choice("AB")),
        lambda: [("B", "read")] + finish(rng, "B"),
        lambda: [("B", "read"), ("B", "send", 3000)] + finish(rng, "B") + [("A", "eof"), ("A", "close")],
        lambda: reset(rng, rng.choice("AB")),
        lambda: finish(rng, "A"),
    ))
    return [("A", "fast", size(rng)), ("B", "accepted")] + tail()


@kind("ports used again", weight=3)
def reuse(rng):
    tail = rng.choice((lambda: [], lambda: close_tail(rng, rng.choice("AB")), lambda: reset(rng, rng.choice("AB"))))
    first = used(rng) + [("A", "read"), ("B", "read"), ("B", "shut"), ("A", "eof"), ("A", "shut"),
                         ("A", "until", "CLOSED")]
    return first + [("A", "again"), ("A", "connected"), ("B", "accepted")] + talk(rng) + tail()


@kind("window full", weight=3)
def stuffed(rng):
    who = rng.choice("AB")
    tail = rng.choice((
        lambda: [],
        lambda: reset(rng, who),
        lambda: [(other(who), "close")],
        lambda: [(other(who), "read")] + finish(rng, who),
    ))
    return opened(rng) + [(who, "stuff"), ("-", "pause", 50)] + tail()


# What passes the trackers and does not reach the socket: it has shown nothing, so its state stays. Nothing is on its way
# before, and what comes then is one segment: of several the first alone would be sent again, and the FIN, when it was lost,
# never; or it would wait for room in the congestion window, and nobody but its own kernel could know.
@kind("deaf socket", weight=5, hangs=True)
def deaf(rng):
    who = rng.choice("AB")
    close_first = [(who, "shut"), (other(who), "until", "CLOSE-WAIT"), (who, "until", "FIN-WAIT-2")]
    steps = used(rng) + [("A", "read"), ("B", "read"), ("-", "pause", 100)]
    if rng.random() < 0.5:
        steps += close_first
    steps += [(other(who), "all sent"), (who, "deaf")] + [(other(who), "more", 100)] * rng.randrange(2)
    return steps + [(other(who), rng.choice(("shut", "close")))]


@kind("SYN-ACK not heard", weight=2, cookies=False, hangs=True)
def deaf_open(_):
    return [("A", "open", "deaf")]


@kind("SYN filtered", weight=2, port=FILTERED, cookies=False, hangs=True, local=True)
def filtered(_):
    return [("A", "open")]


@kind("ACK filtered", weight=2, port=NO_ACK, cookies=False, hangs=True, local=True)
def no_ack(rng):
    tail = rng.choice(([], [("A", "send", 100)], [("A", "shut")]))
    return [("A", "open"), ("A", "connected")] + tail


@kind("answers filtered", weight=2, port=MUTE, cookies=False, hangs=True, local=True)
def mute(rng):
    tail = rng.choice((
        [("A", "shut")],
        [("B", "shut"), ("A", "until", "CLOSE-WAIT"), ("A", "send", 100)],
        [("B", "shut"), ("A", "until", "CLOSE-WAIT"), ("A", "shut")],
    ))
    return [("A", "open"), ("A", "connected"), ("B", "accepted")] + tail


@kind("answers filtered, simultaneous close", weight=2, port=MUTE, routed=True, cookies=False, hangs=True, local=True)
def mute_crossing(_):
    return [("A", "open"), ("A", "connected"), ("B", "accepted"), ("-", "pause", 60), ("A", "shut"), ("B", "shut")]


@kind("random walk", weight=20)
def walk(rng):
    steps = opened(rng)
    for _ in range(rng.randrange(2, 9)):
        who = rng.choice("AB")
        what = rng.choices(("send", "read", "shut", "close", "reset", "pause", "eof"), (6, 4, 2, 1, 1, 2, 1))[0]
        if what == "send":
            steps += send(rng, who)
        elif what == "reset":
            steps += reset(rng, who)
        elif what == "pause":
            steps += pause(rng)
        elif what in ("shut", "close"):
            steps += [(who, "all sent"), (who, what)]
        elif what != "eof" or (other(who), "shut") in steps:
            steps.append((who, what))
    return steps
