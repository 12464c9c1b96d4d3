#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""load.py OUT: reads what ./guest-load prints, says on stderr how far it is, and ends with a table, as README.md shows it,
on stdout and in OUT.md."""

from statistics import median

from figures import tell

CASES = {
    'stream': 'iperf3, Mbit/s',
    'stream-frames': 'iperf3, each frame by itself (no GSO, no GRO), Mbit/s',
    'requests': 'wrk to nginx, requests/s',
    'connections': 'wrk to nginx, a connection for each request, requests/s',
}


def ratios(figures, contender, case):
    """Of each turn: its neighbours in time are what it is compared with."""
    pairs = zip(figures.rounds[contender, case, 4], figures.rounds['nothing', case, 4])
    return [with_it / without for with_it, without in pairs]


def ratio(figures, contender, case):
    all_of_them = ratios(figures, contender, case)
    return f'{median(all_of_them):.3f} ({min(all_of_them):.3f} to {max(all_of_them):.3f})'


def text(figures):
    kernel, turns = figures.facts['kernel'], figures.facts['turns']
    lines = [f'| kernel {kernel}, turns: {turns} | without | with synward | with nf_conntrack |',
             '| --- | ---: | ---: | ---: |']
    for case, title in CASES.items():
        lines.append(f"| {title} | {median(figures.rounds['nothing', case, 4]):,.0f} "
                     f"| {ratio(figures, 'synward', case)} | {ratio(figures, 'conntrack', case)} |")
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    tell(text)
