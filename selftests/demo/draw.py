#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""Draws the demo while it comes in on stdin: live on a terminal, as plain lines elsewhere.

Exit status: 0 when all is as promised, 1 when not, 2 when the demo broke off.
"""

import os
import select
import shutil
import sys

import summary
from live import Live
from plain import Plain
from story import RUNS, Story

# A terminal with fewer lines gets plain ones.
LINES_NEEDED = 16


def can_redraw():
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return shutil.get_terminal_size().lines >= LINES_NEEDED


def lines_of(source, tick):
    """Lines as they come; tick() is called about once a second meanwhile."""
    rest = b""
    while True:
        if not select.select([source], [], [], 1)[0]:
            tick()
            continue
        data = os.read(source, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield rest.decode("utf-8", "replace")


def main():
    sys.stdout.reconfigure(errors="replace")
    redraw = can_redraw()
    colour = redraw and not os.environ.get("NO_COLOR")
    view = Live(colour) if redraw else Plain()
    story = Story(view)
    view.step("building the module and the tool")
    for line in lines_of(sys.stdin.fileno(), view.tick):
        story.line(line)
    if not story.done or set(story.results) != set(RUNS):
        return 2
    return 0 if summary.show(story.results, colour) else 1


try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)
