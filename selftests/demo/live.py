# SPDX-License-Identifier: GPL-2.0
"""The story on a terminal: one picture that is redrawn in place, a column a second."""

import shutil
import sys
import time

import paint
from plain import milliseconds

LABEL_WIDTH = 15
VALUE_WIDTH = 10
# What fits into 24 lines with the picture.
EVENTS_SHOWN = 6
PHASE_TITLES = {"before": "before", "during": "FLOOD", "after": "after"}
MODE_STYLES = {"normal": "quiet", "cookies": "good"}


def spark(values, top, style):
    """Segments of one line of bars, each value from 0 to top."""
    marks = paint.bars()
    steps = len(marks) - 1
    # Whatever is not nothing shall be seen.
    height = [0 if value <= 0 else max(1, min(steps, round(value / top * steps))) for value in values]
    return [(style, "".join(marks[step] for step in height))]


def mode_marks(samples):
    return [("good", paint.block()) if sample.mode == "cookies" else ("quiet", ".") for sample in samples]


def row(label, value, style, graph):
    return [("plain", f" {label:{LABEL_WIDTH}}"), (style, f"{value:>{VALUE_WIDTH}}"), ("plain", "  ")] + graph


def count_row(label, samples, name, style, top=None):
    values = [getattr(sample, name) for sample in samples]
    now = values[-1] if values else 0
    return row(label, f"{now:,}", style if now else "plain", spark(values, top or max(values + [1]), style))


def queue_row(samples):
    last = samples[-1] if samples else None
    top = max([sample.synq_max for sample in samples] + [1])
    style = "bad" if last and last.synq >= last.synq_max > 0 else "plain"
    value = f"{last.synq}/{last.synq_max}" if last else "-"
    return row("SYN queue", value, style, spark([sample.synq for sample in samples], top, "notice"))


def mode_row(samples):
    mode = samples[-1].mode if samples else "normal"
    return row("listener", mode, MODE_STYLES.get(mode, "plain"), mode_marks(samples))


def connect_row(samples):
    times = [sample.connect_ms or 0 for sample in samples]
    value = milliseconds(samples[-1].connect_ms) if samples else "-"
    return row("connect, median", value, "plain", spark(times, max(times + [1]), "quiet"))


def rows(samples):
    requests = max([sample.ok + sample.failed for sample in samples] + [1])
    return [
        count_row("spoofed SYN/s", samples, "flood", "bad"),
        count_row("half-open", samples, "halfopen", "notice"),
        queue_row(samples),
        mode_row(samples),
        count_row("cookies/s", samples, "cookies", "good"),
        [],
        count_row("requests ok", samples, "ok", "good", requests),
        count_row("requests failed", samples, "failed", "bad", requests),
        connect_row(samples),
    ]


def phase_line(run):
    phase, since = run.phase()
    now = run.samples[-1].t if run.samples else 0
    most = "at most " if phase == "after" else ""
    line = [("plain", " ")]
    for name, title in PHASE_TITLES.items():
        if name == phase:
            style = "alarm" if name == "during" else "strong"
            line.append((style, f" {title} {now - since:.0f} s of {most}{run.seconds[name]:.0f} "))
        else:
            line.append(("quiet", f" {title} "))
    return line


def picture(run, machine, width):
    """Lines of (style, text) segments."""
    columns = max(width - LABEL_WIDTH - VALUE_WIDTH - 4, 0)
    samples = run.samples[-columns:] if columns else run.samples[-1:]
    where = f"run {run.number} of 2, kernel {machine.get('kernel', '')}, {machine.get('cpus', '')} CPUs"
    events = [[("quiet", f" {moment:5.1f} s  "), ("plain", text)] for moment, text in run.events[-EVENTS_SHOWN:]]
    events += [[]] * (EVENTS_SHOWN - len(events))
    top = [[("strong", f" {run.title}")], [("quiet", f" {where}")], [], phase_line(run), []]
    return [*top, *rows(samples), [], *events]


class Live:
    """A view: what Story calls."""

    def __init__(self, colour):
        self.colour = colour
        self.height = 0
        self.doing = None
        self.began = 0
        self.run = None
        self.machine = {}

    # the place that is drawn again and again

    def erase(self):
        if self.height:
            sys.stdout.write(f"\033[{self.height}A\r\033[J")
        self.height = 0

    def draw(self, lines):
        size = shutil.get_terminal_size()
        lines = lines[:size.lines - 1]
        # Line over line: erasing it all first would flicker.
        picture = f"\033[{self.height}A\r" if self.height else ""
        for line in lines:
            picture += paint.line(line, size.columns - 1, self.colour) + "\033[K\n"
        sys.stdout.write(picture + "\033[J")
        sys.stdout.flush()
        self.height = len(lines)

    def refresh(self):
        if self.run:
            self.draw(picture(self.run, self.machine, shutil.get_terminal_size().columns - 1))
        elif self.doing:
            self.draw([[("strong", f"{self.doing} ..."), ("quiet", f" {time.monotonic() - self.began:.0f} s")]])

    # what happens

    def step(self, text):
        # The step before stays, with the time that it took.
        self.refresh()
        self.height = 0
        self.doing = text
        self.began = time.monotonic()
        self.refresh()

    def tick(self):
        if self.doing:
            self.refresh()

    def note(self, line):
        self.erase()
        print(line, flush=True)
        self.refresh()

    def begin(self, run, machine):
        self.refresh()
        self.height = 0
        self.doing = None
        self.run = run
        self.machine = machine
        print(flush=True)
        self.refresh()

    def sample(self, _):
        self.refresh()

    def event(self, _):
        self.refresh()

    def end(self, run):
        self.refresh()
        self.height = 0
        self.run = None
        if run.says:
            print("\n What `synward` said in the middle of the flood:\n")
        for line in run.says:
            print(paint.line([("plain", f"   {line}")], shutil.get_terminal_size().columns - 1, self.colour))
        self.step("starting again without protection" if run.number == 1 else "switching the machine off")
