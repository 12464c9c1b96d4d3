# SPDX-License-Identifier: GPL-2.0
"""Both runs side by side, and whether the first was as promised."""

import shutil
import textwrap

import paint

# What is promised of the protected run.
SERVED_PERCENT = 99
ENGAGE_S = 1
DISENGAGE_S = 60
# What is meant to arrive.
FLOOD_SYNS = 2000

COLUMN_WIDTH = 14


def percent(result):
    requests = int(result["requests"])
    return 100 * int(result["ok"]) / requests if requests else 0


def count(name):
    return lambda result: f"{int(result[name]):,}"


def measure(text, unit):
    if text == "-":
        return text
    return f"{float(text):.1f} {unit}" if float(text) >= 0.05 else f"< 0.1 {unit}"


def with_unit(name, unit):
    return lambda result: measure(result[name], unit)


def failed_around(result):
    return " / ".join(str(int(result[phase]) - int(result[phase + "_ok"])) for phase in ("before", "after"))


ROWS = (
    ("spoofed SYN/s that arrived", count("flood")),
    ("  for how long", with_unit("flood_seconds", "s")),
    ("good requests meanwhile", count("requests")),
    ("  succeeded", lambda result: f"{percent(result):.1f} %"),
    ("  time to connect of those, median", with_unit("median_ms", "ms")),
    ("  99th percentile", with_unit("p99_ms", "ms")),
    ("before the flood, median", with_unit("quiet_median_ms", "ms")),
    ("  99th percentile", with_unit("quiet_p99_ms", "ms")),
    ("good requests failed before / after", failed_around),
    ("kernel's SYN queue, at most", lambda result: f"{result['synq']} of {result['synq_max']}"),
    ("from begin of flood to cookies on", with_unit("engage_s", "s")),
    ("from end of flood to cookies off", with_unit("disengage_s", "s")),
    ("cookies sent", count("cookies_sent")),
    ("  came back and were valid", count("cookies_valid")),
)


def width():
    return shutil.get_terminal_size().columns - 1


def table(results):
    room = max(width() - 2 * COLUMN_WIDTH, 0)
    lines = [("", "with synward", "without")]
    lines += [(label, show(results["protected"]), show(results["unprotected"])) for label, show in ROWS]
    longest = min(max(len(label) for label, _, _ in lines), room)
    return [f"{label[:longest]:{longest}}{one:>{COLUMN_WIDTH}}{other:>{COLUMN_WIDTH}}" for label, one, other in lines]


def served(result):
    return f"{int(result['ok']):,} of {int(result['requests']):,} good requests"


def in_words(results):
    protected, unprotected = results["protected"], results["unprotected"]
    lines = [f"Under {int(protected['flood']):,} spoofed SYN/s synward served {served(protected)}."]
    if percent(unprotected) < 50:
        lines.append(f"Without protection the same server served {served(unprotected)} under "
                     f"{int(unprotected['flood']):,} SYN/s: most clients got no connection.")
    else:
        lines.append(f"Without protection the same server served {served(unprotected)}.")
    if int(protected["flood"]) < FLOOD_SYNS:
        lines.append(f"This machine was too slow or too busy for {FLOOD_SYNS:,} SYN/s.")
    return "\n".join(textwrap.fill(line, width()) for line in lines)


def check_served(result):
    said = f"{percent(result):.1f} %"
    if result["why"] != "-":
        said += f" ({result['why']})"
    return f"{SERVED_PERCENT} % of the good requests succeed during the flood", percent(result) >= SERVED_PERCENT, said


def check_engage(result):
    name = f"cookies on within {ENGAGE_S} s of the SYN queue at three quarters"
    if result["engage_s"] == "-":
        return name, False, "never"
    if result["threshold_s"] == "-":
        return name, True, "even before"
    return name, float(result["threshold_s"]) <= ENGAGE_S, measure(result["threshold_s"], "s")


def check_disengage(result):
    name = f"cookies off within {DISENGAGE_S} s of the flood's end"
    if result["disengage_s"] == "-":
        return name, False, "never"
    return name, float(result["disengage_s"]) <= DISENGAGE_S, measure(result["disengage_s"], "s")


def show(results, colour):
    """Prints it all; True when all is as promised."""
    print(paint.segment("strong", "\n== Summary\n", colour))
    print("\n".join(table(results)))
    print("\n" + in_words(results) + "\n")
    checks = [check(results["protected"]) for check in (check_served, check_engage, check_disengage)]
    for name, good, said in checks:
        word = paint.segment("good", "passed", colour) if good else paint.segment("bad", "FAILED", colour)
        text = textwrap.fill(f"{name}: {said}", max(width() - 8, 20), subsequent_indent=" " * 8)
        print(f"{word}  {text}", flush=True)
    return all(good for _, good, _ in checks)
