#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""settings.py TOP: module/sysctl.c, contrib/sysctl.d/synward.conf and the table in README.md tell of the same
settings, the last two with the same defaults and ranges. Prints what differs."""

import re
import sys

top = sys.argv[1]


def read(name):
    with open(f"{top}/{name}", encoding="utf-8") as file:
        return file.read()


def of_the_module():
    """The names."""
    template = read("module/sysctl.c").split("template[] = {")[1].split("\n};")[0]
    settings = re.findall(r'SETTING\("(\w+)"|\.procname\s*= "(\w+)"', template)
    timeouts = re.findall(r'TIMEOUT\("(\w+)"', template)
    return {a or b for a, b in settings} | {"timeout_" + name for name in timeouts}


def of_the_file():
    """{name: (default, range)}; several settings may stand below one range."""
    found = {}
    for line in read("contrib/sysctl.d/synward.conf").splitlines():
        if line.startswith("# Range: "):
            allowed = line.removeprefix("# Range: ")
        elif line.startswith("#net.synward."):
            name, default = line.removeprefix("#net.synward.").split("=")
            found[name.strip()] = (default.strip() or "empty", allowed)
    return found


def of_the_readme():
    """The same; a ditto mark stands for the range above."""
    found = {}
    table = read("README.md").split("| net.synward. |")[1].split("\n\n")[0]
    for row in table.splitlines()[2:]:
        names, default, limits, _ = (cell.strip() for cell in row.strip("|").split("|", 3))
        allowed = allowed if limits == '"' else limits
        for name in re.findall(r"`(\w+)`", names):
            found[name] = (default, allowed)
    return found


def differences():
    module, file, readme = of_the_module(), of_the_file(), of_the_readme()
    for name in sorted(module | file.keys() | readme.keys()):
        for where, there in ("module/sysctl.c", module), ("synward.conf", file), ("README.md", readme):
            if name not in there:
                yield f"{name} is not in {where}"
        if file.get(name) != readme.get(name):
            yield f"{name}: synward.conf says {file.get(name)}, README.md {readme.get(name)}"


complaints = list(differences())
print("\n".join(complaints) or f"{len(of_the_module())} settings")
sys.exit(bool(complaints))
