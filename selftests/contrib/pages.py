#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""pages.py TOP: synward(5) tells of every counter, key and flag that the module shows, synward(8) of every option of
the tool. Prints what is missing."""

import re
import subprocess
import sys

top = sys.argv[1]


def read(name):
    with open(f"{top}/{name}", encoding="utf-8") as file:
        return file.read()


def shown_by_the_module():
    files = read("module/procfs.c") + read("module/procfs_flows.c")
    names = set(re.findall(r'X\(\w+, "(\w+)"\)', read("module/stats.h")))
    names |= set(re.findall(r'show_(?:gauge|histogram)\(seq, "(\w+)"', files))
    names |= set(re.findall(r'[" ](\w+)=%', files))
    names |= set(re.findall(r'SYNWARD_CONN_\w+, "(\w+)"', files))
    return names


def tool(*words):
    return subprocess.run([f"{top}/tools/synward", *words], capture_output=True, text=True, check=True).stdout


def taken_by_the_tool():
    commands = re.search(r"^Commands.*?\n(.*?)\n\n", tool("--help"), re.S | re.M).group(1)
    names = set(re.findall(r"^  (\w+)", commands, re.M))
    options = set()
    for name in names:
        options |= set(re.findall(r"^  .{4}--([a-z-]+)", tool(name, "--help"), re.M))
    return names | options


def missing(page, names):
    words = set(re.findall(r"[\w-]+", read(page).replace("\\-", "-").replace("\\fR", " ").replace("\\fP", " ")))
    words |= {word.lstrip("-") for word in words}
    return [f"{page}: nothing of {name}" for name in sorted(names - words)]


module, options = shown_by_the_module(), taken_by_the_tool()
complaints = missing("tools/synward.5", module) + missing("tools/synward.8", options)
print("\n".join(complaints) or f"{len(module)} names, {len(options)} commands and options")
sys.exit(bool(complaints))
