#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Lets the allocations of one system call fail, one after the other, on a kernel with fault injection.

failures.py insmod FILE STEP     loads the module (and takes it out when it could be loaded all the same)
failures.py namespace STEP       makes a network namespace

STEP 1 fails each allocation, 7 every seventh; those that the kernel makes for a module before it asks the module are the
kernel's own business, and it warns of some that fail. Prints "N failed, N refused, N left behind"; status 1 when something
was left behind.
"""
import ctypes
import os
import sys

SYS_FINIT_MODULE, SYS_DELETE_MODULE = 313, 176
CLONE_NEWNET = 0x40000000
FAULTS = "/sys/kernel/debug"
TRACES = ("/sys/module/synward", "/proc/net/synward", "/proc/sys/net/synward")
# The larger a table, the more pages are asked for, one like the other.
ARGUMENTS = b"halfopen_max=1024 established_max=1024 limit_max=1024"
REFUSED = b"halfopen_max=x"
MANY = 1000000
FILES = ("/proc/thread-self/net/synward/established", "/proc/sys/net/synward/exempt")

libc = ctypes.CDLL(None, use_errno=True)


def prepare():
    """Any allocation, in silence: only this thread asks for it."""
    for kind, name, value in (("failslab", "ignore-gfp-wait", "N"), ("failslab", "verbose", "0"),
                              ("fail_page_alloc", "ignore-gfp-wait", "N"), ("fail_page_alloc", "min-order", "0"),
                              ("fail_page_alloc", "verbose", "0")):
        with open(f"{FAULTS}/{kind}/{name}", "w", encoding="ascii") as file:
            file.write(value)


def call_failing(number, call):
    """How many allocations were missing to the NUMBERth, and what did the call return?"""
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as fail:
        fail.write(str(number).encode())
        result = call()
        left = int(fail.read())
        fail.write(b"0")
    return left, result


def insmod(file, arguments=ARGUMENTS):
    return libc.syscall(SYS_FINIT_MODULE, file.fileno(), arguments, 0)


def kernels_own(file):
    """How many allocations there are until the arguments are looked at."""
    left, _ = call_failing(MANY, lambda: insmod(file, REFUSED))
    return MANY - left


def delete_module():
    return libc.syscall(SYS_DELETE_MODULE, b"synward", os.O_NONBLOCK)


def left_behind():
    return [trace for trace in TRACES if os.path.exists(trace)]


def fail_insmod(path, step):
    failed = refused = wrong = 0
    with open(path, "rb") as file:
        number = kernels_own(file)
        print(f"from allocation {number} on")
        while True:
            missing, result = call_failing(number, lambda: insmod(file))
            if result == 0:
                delete_module()
            if left := left_behind():
                print(f"# allocation {number}: {' '.join(left)}")
                wrong += 1
            if missing:
                return failed, refused, wrong
            failed += 1
            refused += result != 0
            number += step


def try_namespace(number):
    """In a process of its own, which then takes its namespace along."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        missing, result = call_failing(number, lambda: libc.unshare(CLONE_NEWNET))
        # A namespace that came to be must be whole.
        whole = result != 0 or all(os.path.exists(file) for file in FILES)
        os.write(write, bytes([missing == 0, result != 0, not whole]))
        os._exit(0)
    os.close(write)
    answer = os.read(read, 3)
    os.close(read)
    os.waitpid(pid, 0)
    return answer


def fail_namespace(step):
    failed = refused = wrong = 0
    number = 1
    while True:
        reached, result, broken = try_namespace(number)
        if broken:
            print(f"# allocation {number}: a namespace without the module")
        wrong += broken
        if not reached:
            return failed, refused, wrong
        failed += 1
        refused += result
        number += step


def main():
    prepare()
    commands = {"insmod": fail_insmod, "namespace": fail_namespace}
    failed, refused, wrong = commands[sys.argv[1]](*sys.argv[2:-1], int(sys.argv[-1]))
    print(f"{failed} failed, {refused} refused, {wrong} left behind")
    sys.exit(wrong > 0 or failed == 0)


if len(sys.argv) < 3:
    sys.exit(__doc__)
main()
