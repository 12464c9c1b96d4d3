# SPDX-License-Identifier: GPL-2.0
"""The story as plain lines, for pipes and files."""

import time

HEADER = """\
               spoofed   half-   kernel's          cookies good requests connect
  time phase     SYN/s    open  SYN queue listener     /s     ok  failed  median"""
# How often a long step gives a sign of life.
SIGN_S = 20


def milliseconds(value):
    return "-" if value is None else f"{value:.1f} ms"


def sample_line(sample):
    queue = f"{sample.synq}/{sample.synq_max}"
    return (f"{sample.t:5.1f}s {sample.phase:6} {sample.flood:8,} {sample.halfopen:7,} {queue:>10} {sample.mode:8}"
            f"{sample.cookies:7,} {sample.ok:6} {sample.failed:7} {milliseconds(sample.connect_ms):>9}")


class Plain:
    """A view: what Story calls."""

    def __init__(self):
        self.doing = None
        self.began = self.signed = 0

    def step(self, text):
        self.doing = text
        self.began = self.signed = time.monotonic()
        print(f"{text} ...", flush=True)

    def tick(self):
        now = time.monotonic()
        if self.doing and now - self.signed >= SIGN_S:
            self.signed = now
            print(f"... still {self.doing}, {now - self.began:.0f} s", flush=True)

    def note(self, line):
        print(line, flush=True)

    def begin(self, run, machine):
        self.doing = None
        print(f"\n== {run.number} of 2. {run.title} (kernel {machine.get('kernel')})\n\n{HEADER}", flush=True)

    def sample(self, run):
        print(sample_line(run.samples[-1]), flush=True)

    def event(self, run):
        moment, text = run.events[-1]
        print(f"{moment:5.1f}s -- {text}", flush=True)

    def end(self, run):
        if run.says:
            print("\nWhat `synward` said in the middle of the flood:\n")
        for line in run.says:
            print(f"    {line}".rstrip())
