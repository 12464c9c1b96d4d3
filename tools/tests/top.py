#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""top.py SYNWARD SAMPLES: synward top on a terminal of its own; silent when all is as it should be."""
import os
import shutil
import signal
import sys
import tempfile
import time

from terminal import Terminal


def row_of(lines, text):
    """The number of the first line that begins so; of none, one below all."""
    return next((i for i, line in enumerate(lines) if line.startswith(text)), 1000)


def begins(lines, *texts):
    """Lines that begin so are there, in this order."""
    rows = [row_of(lines, text) for text in texts]
    return rows == sorted(set(rows)) and rows[-1] < 1000


def is_whole(lines):
    bottom = lines[-1]
    return lines[0].startswith("synward ") and all(
        key in bottom for key in ("q quit", "l listeners", "c clients", "s states", "<> sort", "p prefix", "spc stop"))


def keys_and_sizes(words):
    top = Terminal(words)
    top.until("a whole screen, the busiest first", lambda lines: is_whole(lines) and begins(
        lines, "half-open", "SYN received", "listeners by mode: 6", "LISTENER", "0.0.0.0:80", "[::]:443", "0.0.0.0:22"))
    top.press(">")
    top.until("by name", lambda lines: begins(lines, "listeners by listener: 6", "0.0.0.0:22", "0.0.0.0:80", "127.0.0.1"))
    top.press("\x1bOC")
    top.until("the right arrow sorts, too", lambda lines: begins(lines, "listeners by halfopen: 6", "0.0.0.0:80", "[::]"))
    top.press("c")
    top.until("clients", lambda lines: begins(lines, "client prefixes by flows: 1 to 10 of 42  /32", "CLIENTS", "10.0.0.0"))
    top.press("\x1b[6~")
    top.until("the next page", lambda lines: begins(lines, "client prefixes by flows: 11 to 20 of 42"))
    top.press("\x1bOH")
    top.until("the first page", lambda lines: begins(lines, "client prefixes by flows: 1 to 10 of 42"))
    top.press("ppp")
    top.until("wider prefixes", lambda lines: begins(lines, "client prefixes by flows: 3", "CLIENTS", "10.0.0.0/8"))
    top.press("s")
    top.until("states", lambda lines: begins(lines, "states by flows: 2", "CLIENT/SERVER STATE", "SYN-SENT/SYN-RECEIVED"))
    top.press("<")
    top.until("by name, backwards", lambda lines: begins(lines, "states by name: 2", "ESTABLISHED/", "SYN-SENT/"))
    top.resize(100, 30)
    top.until("a larger screen", lambda lines: is_whole(lines) and len(lines) == 30 and len(lines[1]) > 90)
    top.resize(60, 12)
    top.until("a smaller screen without totals", lambda lines: lines[0].startswith("synward ") and len(lines) == 12 and
              lines[-1].startswith("q quit") and row_of(lines, "SYN received") == 1000 and begins(lines, "states by"))
    top.resize(80, 24)
    top.until("the old size", is_whole)
    top.press("+")
    top.until("faster", lambda lines: "every 0.1 s" in lines[row_of(lines, "states by")])
    top.press(" ")
    top.until("stopped", lambda lines: lines[row_of(lines, "states by")].endswith("stopped"))
    top.press("q")
    top.ends("q", 0)
    if b"\x1b[?1049l" not in top.said:
        sys.exit("the terminal is not given back")


def develops(words, folder):
    top = Terminal(words)
    top.until("a whole screen", is_whole)
    with open(f"{folder}/stats", encoding="ascii") as file:
        stats = file.read()
    with open(f"{folder}/new", "w", encoding="ascii") as file:
        file.write(stats.replace("syn_received 1203442", "syn_received 9903442"))
    os.rename(f"{folder}/new", f"{folder}/stats")
    top.until("the new total", lambda lines: "9,903,442" in lines[row_of(lines, "SYN received")])
    with open(f"{folder}/established", "w", encoding="ascii") as file:
        file.write("version 1\nfamily=none\n")
    top.press("c")
    top.until("what is wrong with the flows", lambda lines: any("line 2: garbled" in line for line in lines))
    shutil.rmtree(folder)
    top.ends("the module is unloaded", 3)
    if b"module not loaded" not in top.said.split(b"\x1b[?1049l")[-1]:
        sys.exit("no message after the screen")


def is_stopped(words, number):
    top = Terminal(words)
    top.until("a whole screen", is_whole)
    os.kill(top.pid, number)
    top.ends(f"signal {number}", 0)


def is_suspended(words):
    """The shell has a cursor meanwhile, and the picture comes again."""
    show = Terminal(words)
    show.until("a picture", lambda lines: any("half-open" in line for line in lines))
    show.press("\x1a")
    _, status = os.waitpid(show.pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        sys.exit(f"^Z: not stopped, but {status}")
    begin = time.monotonic()
    while not show.said.endswith(b"\x1b[?25h\x1b[?7h"):
        if time.monotonic() > begin + show.patience:
            sys.exit(f"^Z: the cursor is not given back: {show.said[-60:]}")
        show.read(0.1)
    show.screen.reset()
    os.kill(show.pid, signal.SIGCONT)
    show.until("the picture again", lambda lines: any("half-open" in line for line in lines))
    if b"\x1b[?25l" not in show.said.split(b"\x1b[?25h")[-1]:
        sys.exit("after ^Z: the cursor is not hidden")
    os.kill(show.pid, signal.SIGINT)
    show.ends("signal", 0)


def main():
    words = [sys.argv[1], "top", "-n", "--interval", "0.2", "--proc"]
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(f"{sys.argv[2]}/attack", f"{work}/proc")
        keys_and_sizes(words + [f"{sys.argv[2]}/attack"])
        is_stopped(words + [f"{sys.argv[2]}/attack"], signal.SIGINT)
        is_stopped(words + [f"{sys.argv[2]}/attack"], signal.SIGTERM)
        is_suspended([sys.argv[1], "show", "-n", "--interval", "0.2", "--proc", f"{sys.argv[2]}/attack"])
        develops(words + [f"{work}/proc"], f"{work}/proc")


main()
