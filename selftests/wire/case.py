# SPDX-License-Identifier: GPL-2.0
"""Runs the cases of a topic. A case is a function with one argument; its first line of text is its name.

What is printed is for run_cases in wire.sh: "plan N", then "pass NAME", "fail NAME" or "skip NAME" for each case, and
after a failure what was wrong and all that had happened, as comments.
"""
import os
import sys
import traceback

from flow import Flow
from host import NO_COOKIES4, Namespace, RawHost
from kernel import KernelFlow
from watch import Watch

CASES = []


class World:
    """Two raw hosts and the real one between them."""

    def __init__(self, server, client, attacker):
        self.server = Namespace(server)
        self.watch = Watch(self.server)
        self.left = RawHost(Namespace(client), "02:00:00:00:01:02", "02:00:00:00:01:01", "192.0.2.2", "fd00:1::2")
        self.right = RawHost(Namespace(attacker), "02:00:00:00:02:02", "02:00:00:00:02:01",
                             "198.51.100.2", "fd00:2::2")
        self.port = 20000

    def next_port(self):
        self.port += 1
        return self.port


def add(function, make, families, arguments):
    CASES.append((function, make, families, arguments))
    return function


def case(families=(4, 6), each=((),)):
    """Both ends are raw hosts, the module sees their segments forwarded. Once for each of the arguments in @each."""
    return lambda function: [add(function, Flow, families, arguments) for arguments in each][0]


def kernel_case(families=(4, 6), each=((),)):
    """One end is a raw host, the other a socket of the host on which the module runs."""
    return lambda function: [add(function, KernelFlow, families, arguments) for arguments in each][0]


class Unfit(Exception):
    """What a case is about is not on this kernel: the case is skipped."""


def need_cookies(family):
    """For a case whose SYN is not there to tell (see judge)."""
    if family == 4 and NO_COOKIES4:
        raise Unfit


def attempt(world, function, make, family, arguments):
    """What is wrong, and the story, both lists of lines; and whether the kernel is unfit."""
    flow, unfit = make(world, family), False
    try:
        function(flow, *arguments)
    except Unfit:
        unfit = True
    except Exception:  # pylint: disable=broad-except
        flow.wrong(traceback.format_exc())
    flow.close()
    return flow.faults, flow.story, unfit


def left_to_kernel():
    """How many SYNs the module has left to the kernel, on all hosts, where it has no cookies for IPv4."""
    if not NO_COOKIES4:
        return 0
    return sum(Watch(Namespace(pid)).counters()["cookie_passed"] for pid in sys.argv[1:4])


def judge(world, name, job):
    """What cannot pass without cookies for IPv4 is skipped: only if a SYN of the case had to be left to the kernel."""
    before = left_to_kernel()
    faults, story, unfit = attempt(world, *job)
    if (unfit and not faults) or (faults and name.startswith("IPv4") and left_to_kernel() > before):
        print(f"skip {name}")
        return
    print(f"{'fail' if faults else 'pass'} {name}")
    if faults:
        comment(faults)
        comment(["what happened:"] + story)


def name_of(function, family, arguments):
    name = function.__doc__.strip().splitlines()[0].rstrip(".")
    return f"IPv{family}: {name.format(*(a if isinstance(a, (str, int)) else '' for a in arguments))}"


def comment(lines):
    for line in "\n".join(lines).splitlines():
        print(f"# {line}")


def wanted(name):
    return len(sys.argv) < 5 or sys.argv[4] in name


def run(make_world=World):
    """main of every topic: the processes of server, client and attacker are the arguments, then part of a name."""
    # The way of a packet through a veth pair ends on the CPU where it began: one CPU, one order.
    os.sched_setaffinity(0, {0})
    world = make_world(*sys.argv[1:4])
    todo = [(name_of(function, family, arguments), function, make, family, arguments)
            for function, make, families, arguments in CASES for family in families]
    todo = [job for job in todo if wanted(job[0])]
    print(f"plan {len(todo)}", flush=True)
    for name, *job in todo:
        judge(world, name, job)
        sys.stdout.flush()
