# SPDX-License-Identifier: GPL-2.0
"""Colours and characters of a terminal."""

import os

STYLES = {
    "plain": "",
    "strong": "1",
    "quiet": "2",
    "good": "32",
    "bad": "31",
    "notice": "33",
    "alarm": "1;37;41",
}


def has_blocks():
    """Whether the locale promises a terminal that shows more than ASCII."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if os.environ.get(name):
            return "UTF8" in os.environ[name].upper().replace("-", "")
    return False


def bars():
    """From nothing to full."""
    return "\u00b7\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588" if has_blocks() else "._-:=+*%#"


def block():
    return "\u2588" if has_blocks() else "#"


def segment(style, text, colour):
    code = STYLES[style] if colour else ""
    return f"\033[{code}m{text}\033[0m" if code and text else text


def line(segments, width, colour):
    """One line of (style, text) segments, cut where the terminal ends."""
    painted = ""
    for style, text in segments:
        painted += segment(style, text[:width], colour)
        width = max(width - len(text), 0)
    return painted
