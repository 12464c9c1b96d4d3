#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Lets the allocations of an insmod fail, one after the other, on a kernel with fault injection.

failures.py FILE STEP       loads the module (and takes it out when it could be loaded all the same)

STEP 1 fails each allocation, 7 every seventh. Prints "N failed, N refused, N left behind"; status 1 when something
was left behind.
"""
import ctypes
import os
import sys

SYS_FINIT_MODULE, SYS_DELETE_MODULE = 313, 176
FAULTS = "/sys/kernel/debug"
TRACES = ("/sys/module/synward", "/proc/net/synward", "/proc/sys/net/synward")

libc = ctypes.CDLL(None, use_errno=True)


def prepare():
    """Any allocation, in silence: only this thread asks for it."""
    for kind, name, value in (("failslab", "ignore-gfp-wait", "N"), ("failslab", "verbose", "0"),
                              ("fail_page_alloc", "ignore-gfp-wait", "N"), ("fail_page_alloc", "min-order", "0"),
                              ("fail_page_alloc", "verbose", "0")):
        with open(f"{FAULTS}/{kind}/{name}", "w", encoding="ascii") as file:
            file.write(value)


def call_failing(number, call):
    """Was there a NUMBERth allocation, and what did the call return?"""
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as fail:
        fail.write(str(number).encode())
        result = call()
        fail.seek(0)
        left = int(fail.read())
        fail.write(b"0")
    return left == 0, result


def insmod(file):
    return libc.syscall(SYS_FINIT_MODULE, file.fileno(), b"", 0)


def delete_module():
    return libc.syscall(SYS_DELETE_MODULE, b"synward", os.O_NONBLOCK)


def left_behind():
    return [trace for trace in TRACES if os.path.exists(trace)]


def fail_insmod(path, step):
    failed = refused = wrong = 0
    number = 1
    with open(path, "rb") as file:
        while True:
            reached, result = call_failing(number, lambda: insmod(file))
            if result == 0:
                delete_module()
            if left := left_behind():
                print(f"# allocation {number}: {' '.join(left)}")
                wrong += 1
            if not reached:
                return failed, refused, wrong
            failed += 1
            refused += result != 0
            number += step


def main():
    prepare()
    failed, refused, wrong = fail_insmod(sys.argv[1], int(sys.argv[2]))
    print(f"{failed} failed, {refused} refused, {wrong} left behind")
    sys.exit(wrong > 0)


if len(sys.argv) < 3:
    sys.exit(__doc__)
main()
