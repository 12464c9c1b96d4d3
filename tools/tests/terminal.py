# SPDX-License-Identifier: GPL-2.0
"""terminal.py: a program on a pseudo-terminal of its own, and what it shows there."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

import pyte

PATIENCE = 60  # seconds until something that must happen has not happened


class Terminal:
    """A program on a pseudo-terminal, and what it shows there."""

    def __init__(self, words, columns=80, lines=24, patience=PATIENCE):
        self.patience = patience
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.said = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
            os.execv(words[0], words)

    def read(self, seconds):
        """What comes within that time; False at the end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.fd, 65536)
        except OSError:
            return False
        self.said += got
        self.stream.feed(got)
        return bool(got)

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def resize(self, columns, lines):
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def until(self, what, condition):
        """Waits until the condition holds for the lines."""
        deadline = time.monotonic() + self.patience
        while not condition(self.lines()):
            if time.monotonic() > deadline or not self.read(0.1):
                sys.exit(f"not seen: {what}, but:\n" + "\n".join(self.lines()))

    def ends(self, what, code):
        while self.read(self.patience):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if status != code:
            sys.exit(f"{what}: expected exit {code}, seen {status}: {self.said[-300:]}")
