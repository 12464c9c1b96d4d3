#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reads a file of /proc/net/synward as few programs do; prints what differs from reading it at once, nothing when all
is well.

readers.py bytewise FILE              one byte after the other
readers.py anywhere FILE COUNT        pieces at COUNT places, by pread and by lseek, forth and back
readers.py together FILE COUNT        COUNT readers at once, and no line twice
readers.py changing FILE MOST         a table under attack: whole lines, MOST at most

All but the last want a file at rest, where ages are the only figures that change.
"""
import hashlib
import os
import random
import re
import subprocess
import sys

SIZES = (1, 13, 100, 4096, 65536)
LIMIT = 2**63 - 1
ADDRESS = r"[0-9a-f.:]+"
NUMBER = r"\d+"
WORD = r"[A-Za-z0-9_,-]+"
HALF_OPEN = (("family", WORD), ("client", ADDRESS), ("client_port", NUMBER), ("server", ADDRESS),
             ("server_port", NUMBER), ("client_state", WORD), ("server_state", WORD), ("client_isn", NUMBER),
             ("server_isn", NUMBER), ("client_packets", NUMBER), ("client_bytes", NUMBER),
             ("server_packets", NUMBER), ("server_bytes", NUMBER), ("syn_retransmit", NUMBER),
             ("synack_retransmit", NUMBER), ("age_ms", NUMBER), ("syn_to_synack_us", NUMBER), ("flags", WORD))
LINE = re.compile(" ".join(f"{name}={value}" for name, value in HALF_OPEN))


def read_all(path, size=1 << 20):
    """Also where read() gives less than it is asked for."""
    parts = []
    with open(path, "rb", buffering=0) as file:
        while part := file.read(size):
            parts.append(part)
    return b"".join(parts).decode()


def lasting(line):
    """Who talks to whom in a table; all of a line in the other files."""
    return " ".join(line.split()[:5])


def bytewise(path):
    at_once = [lasting(line) for line in read_all(path).splitlines()]
    by_bytes = [lasting(line) for line in read_all(path, 1).splitlines()]
    if by_bytes != at_once:
        print(f"{len(by_bytes)} lines read by bytes, {len(at_once)} at once, or others")


def read_at(file, place, size):
    """One way of two."""
    if random.getrandbits(1):
        return os.pread(file, size, place)
    os.lseek(file, place, os.SEEK_SET)
    return os.read(file, size)


def is_part(piece, whole, place):
    """Ages grow a digit, so the places of lines move a bit: whole lines are looked for, anything else is exact."""
    if "age_ms=" not in whole:
        return whole[place:].startswith(piece) and bool(piece) == (place < len(whole))
    lines = "\n".join(lasting(line) for line in piece.split("\n")[1:-1])
    return lines in "\n".join(lasting(line) for line in whole.splitlines())


def anywhere(path, count):
    random.seed(count)
    whole = read_all(path)
    file = os.open(path, os.O_RDONLY)
    places = [random.randrange(len(whole) + 100) for _ in range(count)]
    for place in [0, len(whole) - 1, 1 << 31, *places, LIMIT, 0]:
        size = random.choice(SIZES)
        # The end of a file is no end of what may be asked for.
        piece = read_at(file, place, min(size, LIMIT - place)).decode()
        if not is_part(piece, whole, place):
            print(f"{size} bytes at {place} of {len(whole)}: {piece[:200]!r}")


def together(path, count):
    """The readers keep nothing: of a large table memory does not hold so many copies."""
    command = ["sh", "-c", 'cut -d " " -f -5 "$0" | sha256sum', path]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    seen = {reader.communicate()[0].split()[0] for reader in readers}
    with open(path, encoding="ascii") as file:
        lines = [lasting(line) for line in file]
    seen.add(hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest())
    if len(seen) != 1:
        print(f"{count} readers and one more saw {len(seen)} different tables")
    if len(lines) != len(set(lines)):
        print(f"{len(lines)} lines, but {len(set(lines))} different ones")


def changing(path, most):
    with open(path, encoding="ascii") as file:
        head = next(file, "nothing").rstrip("\n")
        count, wrong = 0, []
        for count, line in enumerate(file, 1):
            if not LINE.fullmatch(line.rstrip("\n")):
                wrong.append(line)
    if head != "version 1" or wrong or count > most:
        print(f"{head}, {count} lines, {len(wrong)} strange: {wrong[:1]}")


def main():
    commands = {f.__name__: f for f in (bytewise, anywhere, together, changing)}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))


main()
