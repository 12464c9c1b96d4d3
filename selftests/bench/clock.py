#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""clock.py OUT: reads what ./guest prints when the contenders take turns, says on stderr how far it is, and ends with
tables, as README.md shows them, on stdout and in OUT.md."""

from statistics import median, quantiles

from figures import CONTENDERS, tell

# The case, its title, what the others are compared with, and then these.
CASES = (
    ('syn', 'A SYN from a new address, answered or dropped', 'kernel-2', ('conntrack', 'synproxy', 'synward', 'nft-drop')),
    ('ack', 'A stray ACK, answered with a RST or dropped', 'nothing', ('synproxy', 'synward', 'nft-drop')),
    ('data-forward', 'Data of a known connection, forwarded', 'nothing', ('conntrack', 'synward-tracks')),
    ('syn-forward', 'SYN that makes a half-open, forwarded', 'nothing', ('conntrack', 'synward-tracks')),
    ('udp-forward', 'UDP, forwarded', 'nothing', ('conntrack', 'empty-hooks', 'synward-tracks', 'synward')),
)
NAMES = CONTENDERS | {'conntrack': 'nf_conntrack', 'synward-tracks': 'synward', 'synward': 'synward, engaged'}


def spread(rounds):
    """Of the middle half."""
    low, _, high = quantiles(rounds, n=4)
    return (high - low) / median(rounds)


def row(figures, contender, case, base):
    cycles_per_ns = float(figures.facts['mhz']) / 1000
    one = figures.cost(contender, case)
    two = figures.cost(contender, f'{case}@2')
    name = NAMES[contender]
    return ' | '.join((f'| **{name}**' if contender.startswith('synward') else f'| {name}',
                       f'{one / cycles_per_ns:,.0f}', f'{spread(figures.rounds[contender, case, 4]):.1%}',
                       f'{one / figures.cost(base, case):.2f}', f'{one / two:.2f} |'))


def case_rows(figures, case, title, base, contenders):
    yield f'| **{title}** | | | | |'
    for contender in (base, *contenders):
        yield row(figures, contender, case, base)


def tracking(figures):
    for case, title in ('data-forward', 'data'), ('syn-forward', 'a SYN'), ('udp-forward', 'UDP'):
        ratio = figures.more('synward-tracks', case) / figures.more('conntrack', case)
        yield f'{title} {ratio:.2f}'


def text(figures):
    lines = [f"| kernel {figures.facts['kernel']}, IPv4 | ns a packet | spread | to the first | two CPUs to one |",
             '| --- | ---: | ---: | ---: | ---: |']
    for case in CASES:
        lines += case_rows(figures, *case)
    lines += ['', f"What tracking adds, synward / nf_conntrack: {', '.join(tracking(figures))}."]
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    tell(text)
