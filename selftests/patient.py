#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""SYNs and SYN-ACKs of the sockets of a cgroup are sent again after many seconds instead of one: on a machine that
stands still for a moment no test sees one twice that it has seen once.

patient.py CGROUP

The kernel asks a program of the cgroup for the first timeout (BPF_SOCK_OPS_TIMEOUT_INIT); the program goes with it.
"""
import ctypes
import os
import platform
import struct
import sys

BPF_PROG_LOAD, BPF_PROG_ATTACH = 5, 8
PROG_TYPE_SOCK_OPS, ATTACH_SOCK_OPS = 13, 3
TIMEOUT_INIT = 1                        # struct bpf_sock_ops: op, then reply
BPF_SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280}
TIMEOUT = 5000                          # jiffies: 5 seconds at HZ=1000, 20 at HZ=250


def instruction(code, registers, offset, value):
    return struct.pack("=BBhi", code, registers, offset, value)


# The low half of "registers" is the destination.
PROGRAM = b"".join((
    instruction(0x61, 0x12, 0, 0),              # r2 = ctx->op
    instruction(0x55, 0x02, 2, TIMEOUT_INIT),   # if r2 != TIMEOUT_INIT skip the next two
    instruction(0xb7, 0x03, 0, TIMEOUT),        # r3 = TIMEOUT
    instruction(0x63, 0x31, 4, 0),              # ctx->reply = r3
    instruction(0xb7, 0x00, 0, 1),              # r0 = 1
    instruction(0x95, 0x00, 0, 0),              # return r0
))


def bpf(command, attributes):
    number = BPF_SYSCALL.get(platform.machine())
    if number is None:
        sys.exit("patient.py: not for this processor")
    libc = ctypes.CDLL(None, use_errno=True)
    room = ctypes.create_string_buffer(attributes.ljust(128, b"\0"))
    result = libc.syscall(number, command, room, len(room) - 1)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def main():
    code, licence = ctypes.create_string_buffer(PROGRAM), ctypes.create_string_buffer(b"GPL")
    program = bpf(BPF_PROG_LOAD, struct.pack("=IIQQ", PROG_TYPE_SOCK_OPS, len(PROGRAM) // 8, ctypes.addressof(code),
                                             ctypes.addressof(licence)))
    cgroup = os.open(sys.argv[1], os.O_RDONLY)
    bpf(BPF_PROG_ATTACH, struct.pack("=IIII", cgroup, program, ATTACH_SOCK_OPS, 0))


main()
