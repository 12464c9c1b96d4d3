#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py OUT: reads what ./guest prints, says on stderr how far it is, and ends with the table on stdout and in OUT.txt,
the figures in OUT.json and a chart in OUT.svg."""

import json
import re
import sys

import chart
from figures import CONTENDERS, finish, read, render

# What is dropped or answered: the case, its title, the contenders.
ANSWERS = (
    ('syn', 'A SYN from a new address, answered or dropped',
     ('conntrack', 'synproxy', 'kernel-1', 'kernel-2', 'synward+conntrack', 'synward', 'xdp', 'queue-full',
      'nft-drop')),
    ('ack', 'A stray ACK, answered with a RST or dropped',
     ('nothing', 'synproxy', 'xdp', 'synward+conntrack', 'synward', 'nft-drop')),
    ('cookie-back', 'The ACK that brings a cookie back',
     ('kernel-2', 'conntrack', 'synward', 'synward+conntrack')),
)

# What is looked at and goes on.
PASSING = {
    'data-forward': 'data of a known connection, forwarded',
    'syn-forward': 'SYN that makes a half-open, forwarded',
    'open-forward': 'a handshake, per packet, forwarded',
    'life-forward': 'a short life, per packet, forwarded',
    'ack-forward': 'ACK of no connection, forwarded',
    'udp-forward': 'UDP, forwarded',
    'data-local': 'data to a socket here, with its ACK',
    'syn-local': 'SYN to a socket here, with its SYN-ACK',
    'handshake': 'ACK that completes a handshake here',
}

# PRE_ROUTING and FORWARD.
HOOKS_PASSED = 2


# -- targets --

def answer_targets(figures, family):
    ours = figures.cost('synward', 'syn', family)
    ip = f'IPv{family}'
    yield f'{ip} SYN answered / by the kernel (tcp_syncookies=2)', ours / figures.cost('kernel-2', 'syn', family), 0.25
    yield f'{ip} SYN answered / by SYNPROXY', ours / figures.cost('synproxy', 'syn', family), 0.20
    yield (f'{ip} stray ACK dropped / by an nft rule at raw',
           figures.cost('synward', 'ack', family) / figures.cost('nft-drop', 'ack', family), 1.25)
    for case in 'syn', 'ack':
        yield (f'{ip} {case.upper()}: / XDP in generic mode',
               figures.cost('synward', case, family) / figures.cost('xdp', case, family), 1)


def passing_targets(figures, family):
    for case, limit in ('data-forward', 0.25), ('syn-forward', 0.30), ('syn-local', 0.30):
        yield (f'IPv{family} {PASSING[case]}: / conntrack',
               figures.more('synward-tracks', case, family) / figures.more('conntrack', case, family), limit)
    for contender, when in (('synward-tracks', ''), ('synward', ', while engaged'),
                            ('empty-hooks', ': hooks that do nothing')):
        yield (f'IPv{family} not concerned (UDP), instructions a hook{when}',
               figures.more(contender, 'udp-forward', family) / HOOKS_PASSED, 60)


def family_targets(figures):
    for contender, case in ('synward', 'syn'), ('synward', 'ack'):
        yield f'IPv6 / IPv4: {case.upper()}', figures.cost(contender, case, 6) / figures.cost(contender, case, 4), 1.3
    for case in 'data-forward', 'syn-forward':
        yield (f'IPv6 / IPv4, tracking: {PASSING[case]}',
               figures.more('synward-tracks', case, 6) / figures.more('synward-tracks', case, 4), 1.3)


def growth_targets(figures):
    yield (f"tracking data, {int(figures.facts['flows']):,} connections / 1,000",
           figures.more('synward-full', 'data-many', base='data-forward') / figures.more('synward-tracks', 'data-forward'),
           1.2)
    yield ('tracking a SYN, half-open table full / not',
           figures.more('synward-full', 'syn-full', base='syn-forward') / figures.more('synward-tracks', 'syn-forward'),
           1.2)


def targets(figures):
    for family in 4, 6:
        yield from answer_targets(figures, family)
        yield from passing_targets(figures, family)
    yield from family_targets(figures)
    yield from growth_targets(figures)


# -- text --

def head(figures):
    return [
        f"What a packet costs, kernel {figures.facts['kernel']}",
        '',
        'Instructions per packet on one emulated CPU: median of three rounds of 4,096 packets,',
        'the measuring itself taken off. They repeat, on any machine, and compare within one table;',
        'cache misses and contention are not in them.',
    ]


def answer_table(figures, case, title, contenders):
    yield ''
    yield f"{title:55}{'IPv4':>8}{'spread':>8}{'IPv6':>9}{'spread':>8}"
    for contender in contenders:
        columns = ''
        for family in 4, 6:
            columns += f'{figures.cost(contender, case, family):{8 if family == 4 else 9},.0f}'
            columns += f'{figures.spread(contender, case, family):8.1%}'
        yield f'  {CONTENDERS[contender]:53}{columns}'


def passing_table(figures, family):
    yield ''
    yield (f"{f'What is looked at and goes on, IPv{family}':45}{'kernel':>8}{'with':>12}{'with':>10}"
           f"{'synward /':>12}")
    yield f"{'':45}{'alone':>8}{'conntrack':>12}{'synward':>10}{'conntrack':>12}"
    for case, title in PASSING.items():
        theirs = figures.more('conntrack', case, family)
        ours = figures.more('synward-tracks', case, family)
        yield (f"  {title:43}{figures.cost('nothing', case, family):8,.0f}{f'+{theirs:,.0f}':>12}{f'{ours:+,.0f}':>10}"
               f'{ours / theirs:12.2f}')


def growth_table(figures):
    yield ''
    yield 'Growth, IPv4: synward on top of the kernel alone'
    yield f"  {'data, 1,000 connections':53}{figures.more('synward-tracks', 'data-forward'):+8,.0f}"
    many = f"data, {int(figures.facts['flows']):,} connections"
    yield f"  {many:53}{figures.more('synward-full', 'data-many', base='data-forward'):+8,.0f}"
    yield f"  {'SYN, half-open table not full':53}{figures.more('synward-tracks', 'syn-forward'):+8,.0f}"
    yield (f"  {'SYN, half-open table full: each puts another out':53}"
           f"{figures.more('synward-full', 'syn-full', base='syn-forward'):+8,.0f}")


def target_table(figures):
    yield ''
    yield f"{'Targets':71}{'is':>6}{'at most':>9}"
    for what, value, limit in targets(figures):
        number = '.0f' if limit >= 10 else '.2f'
        yield f'  {what:69}{value:6{number}}{limit:9{number}}  {"reached" if value <= limit else "NOT reached"}'


def text(figures):
    lines = head(figures)
    for table in ANSWERS:
        lines += answer_table(figures, *table)
    for family in 4, 6:
        lines += passing_table(figures, family)
    lines += growth_table(figures)
    lines += target_table(figures)
    return '\n'.join(lines) + '\n'


# -- data --

def as_json(figures):
    return json.dumps({
        'version': 1,
        'kernel': figures.facts['kernel'],
        'flows': int(figures.facts['flows']),
        'unit': 'instructions per packet',
        'figures': [{'contender': contender, 'case': case, 'family': f'ipv{family}', 'rounds': rounds}
                    for (contender, case, family), rounds in figures.rounds.items()],
        'targets': [{'name': what, 'value': round(value, 3), 'limit': limit, 'reached': value <= limit}
                    for what, value, limit in targets(figures)],
    }, indent=1) + '\n'


def bars(figures):
    """The chart: groups of (title, [(label, value, is it ours)])."""
    groups = [(title, [(CONTENDERS[c], figures.cost(c, case), c.startswith('synward')) for c in contenders])
              for case, title, contenders in ANSWERS]
    tracking = []
    for case in 'data-forward', 'syn-forward':
        name = re.sub(', forwarded$', '', PASSING[case])
        tracking.append((f'nf_conntrack: {name}', figures.more('conntrack', case), False))
        tracking.append((f'synward: {name}', figures.more('synward-tracks', case), True))
    return groups + [('Tracking what is forwarded, on top of the kernel alone', tracking)]


def main():
    out = sys.argv[1]
    figures = read(sys.stdin)
    table = render(text, figures)
    print(table, flush=True)
    for ending, content in (('txt', table), ('json', as_json(figures)),
                            ('svg', chart.draw(f"Instructions per packet, IPv4, kernel {figures.facts['kernel']}",
                                               bars(figures)))):
        with open(f'{out}.{ending}', 'w', encoding='utf-8') as file:
            file.write(content)
    print(f'Table, figures and chart: {out}.txt, .json, .svg')
    finish(figures)


if __name__ == '__main__':
    main()
