# SPDX-License-Identifier: GPL-2.0
"""What has been told so far, from the lines that scenario.py describes."""

RUNS = ("protected", "unprotected")
TITLES = {
    "protected": "With synward: just loaded, no setting changed",
    "unprotected": "Without: net.synward.mode=0, net.ipv4.tcp_syncookies=0",
}
EVENTS = {
    "flood-begins": "the flood begins",
    "flood-ends": "the flood has ended",
    "queue-threshold": "the kernel's SYN queue is at {synq} of {synq_max}",
    "cookies-on": "synward sees it: cookies answer from now on (SYN queue {synq} of {synq_max})",
    "cookies-off": "quiet again: the kernel answers as usual",
}
PHASES = ("before", "during", "after")


def fields_of(words):
    return dict(word.split("=", 1) for word in words if "=" in word)


def number(text):
    """Of a field; None where nothing was seen."""
    return None if text == "-" else float(text)


class Sample:
    """What one second or so was like."""

    def __init__(self, fields):
        self.phase = fields["phase"]
        self.mode = fields["mode"]
        self.connect_ms = number(fields["connect_ms"])
        self.t = float(fields["t"])
        for name in ("flood", "halfopen", "synq", "synq_max", "cookies", "ok", "failed"):
            setattr(self, name, int(fields[name]))


class Run:
    """One run of the scenario, as far as it has come."""

    def __init__(self, fields):
        self.name = fields["name"]
        self.title = TITLES[self.name]
        self.number = RUNS.index(self.name) + 1
        self.seconds = {phase: float(fields[phase]) for phase in PHASES}
        self.samples = []
        self.events = []
        self.says = []

    def add_event(self, fields):
        text = EVENTS[fields["what"]].format(**fields)
        self.events.append((float(fields["t"]), text))

    def phase(self):
        """The phase it is in, and since when."""
        if not self.samples:
            return "before", 0
        phase = self.samples[-1].phase
        return phase, next(sample.t for sample in self.samples if sample.phase == phase)


class Story:
    """Takes lines, keeps what they mean, and has a view show it."""

    def __init__(self, view):
        self.view = view
        self.machine = {}
        self.run = None
        self.results = {}
        self.done = False

    def line(self, line):
        mark, _, rest = line.partition(" ")
        if mark != "demo":
            self.note(line)
            return
        kind, _, rest = rest.partition(" ")
        getattr(self, "take_" + kind, self.note)(rest)

    def note(self, line):
        # The runner says where its logs are just before it boots.
        if line.startswith("vm: kernel ") and "logs in" in line:
            self.view.note(line)
            self.view.step("booting the virtual machine")
        else:
            self.view.note(line)

    def take_machine(self, rest):
        self.machine = fields_of(rest.split())
        self.view.step("starting the web server and its clients")

    def take_run(self, rest):
        self.run = Run(fields_of(rest.split()))
        self.view.begin(self.run, self.machine)

    def take_sample(self, rest):
        self.run.samples.append(Sample(fields_of(rest.split())))
        self.view.sample(self.run)

    def take_event(self, rest):
        self.run.add_event(fields_of(rest.split()))
        self.view.event(self.run)

    def take_says(self, rest):
        self.run.says.append(rest)

    def take_result(self, rest):
        fields = fields_of(rest.split())
        self.results[fields["name"]] = fields
        self.view.end(self.run)

    def take_done(self, _):
        self.done = True
