#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""figures.py FILE: the alerts and the dashboard ask for nothing that FILE, the output of synward stats --prometheus, does not
have, and promtool understands what they ask. Run at the top of the tree."""

import json
import re
import subprocess
import sys
import tempfile

RULES = "contrib/prometheus/synward.rules.yml"
DASHBOARD = "contrib/grafana/synward.json"


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def exported(text):
    """The names; a histogram has three."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M):
        names |= {name + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


def questions_of_the_dashboard():
    board = json.loads(read(DASHBOARD))
    found = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return found + [mark["expr"] for mark in board["annotations"]["list"]]


def understood(questions):
    """What promtool says; JSON is YAML, and a question a rule that records its answer."""
    rules = [{"record": f"question{number}", "expr": question.replace("$__rate_interval", "1m")}
             for number, question in enumerate(questions)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        answer = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
    return [] if answer.returncode == 0 else [answer.stdout + answer.stderr]


questions = questions_of_the_dashboard()
asked = set(re.findall(r"\bsynward_\w+", " ".join(questions))) | set(re.findall(r"\bsynward_\w+", read(RULES)))
complaints = [f"not exported: {name}" for name in sorted(asked - exported(read(sys.argv[1])))] + understood(questions)
print("\n".join(complaints) or f"{len(questions)} questions for {len(asked)} figures")
sys.exit(bool(complaints))
