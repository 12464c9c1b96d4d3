#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py [--any] < PAGE: a page of synward report has all its charts, and nothing from elsewhere; else says what is wrong.

--any: however many lines they have."""
import re
import sys
from html.parser import HTMLParser

CHARTS = {  # id: lines, None for bars
    "syn": 3, "cookies": 3, "halfopen": 1, "established": 1, "drops": 4, "listeners": 2, "latency-server": None,
    "latency-client": None,
}
VOID = {"meta"}


class Page(HTMLParser):
    """The elements of each figure; every tag must be closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.figure = None
        self.figures = {}

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "link", "img", "iframe", "object", "b"} or {"src", "href", "style"} & {key for key, _ in attrs}:
            sys.exit(f"not to be in the page: {tag} {attrs}")
        if tag not in VOID:
            self.open.append(tag)
        if tag == "figure":
            self.figure = self.figures[dict(attrs)["id"]] = []
        elif self.figure is not None:
            self.figure.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit(f"</{tag}> closes nothing")
        if tag == "figure":
            self.figure = None


def check_inside(name, x, y):
    if not (64 <= x <= 890 and 10 <= y <= 210):
        sys.exit(f"{name}: {x},{y} is outside the plot")


def check_line(name, attributes):
    points = [tuple(map(float, point.split(","))) for point in attributes["points"].split()]
    for x, y in points:
        check_inside(name, x, y)
    if points != sorted(points, key=lambda point: point[0]) or len(points) < 2:
        sys.exit(f"{name}: the line goes back")


def check_figure(name, elements, lines):
    seen = [attributes for tag, attributes in elements if tag == "polyline"]
    if len(seen) != (lines or 0) and "--any" not in sys.argv:
        sys.exit(f"{name}: {len(seen)} lines")
    for attributes in seen:
        check_line(name, attributes)
    for tag, attributes in elements:
        if tag == "rect":
            check_inside(name, float(attributes["x"]), float(attributes["y"]))
    bars = [attributes for tag, attributes in elements if tag == "rect" and attributes["class"] == "bar"]
    if lines is None and not any(float(bar["height"]) > 10 for bar in bars):
        sys.exit(f"{name}: no bars")


def main():
    text = sys.stdin.read()
    page = Page()
    page.feed(text)
    page.close()
    if page.open:
        sys.exit(f"not closed: {page.open}")
    if re.search(r"https?:|url\(|@import|\x1b", text):
        sys.exit("something comes from elsewhere")
    if set(page.figures) != set(CHARTS):
        sys.exit(f"charts: {sorted(page.figures)}")
    for name, lines in CHARTS.items():
        check_figure(name, page.figures[name], lines)


main()
