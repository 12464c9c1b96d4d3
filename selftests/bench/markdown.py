#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""markdown.py FILE.json...: the figures of several kernels side by side, as README.md shows them."""

import json
import sys

from figures import CONTENDERS, Figures
from report import ANSWERS, PASSING, targets


def load(path):
    with open(path, encoding='utf-8') as file:
        data = json.load(file)
    figures = Figures()
    figures.facts = {'kernel': data['kernel'], 'flows': data['flows']}
    for figure in data['figures']:
        figures.add(figure['contender'], figure['case'], figure['family'][-1], *figure['rounds'])
    return figures


def row(*cells):
    print('|', ' | '.join(cells), '|')


def head(first, columns):
    row(first, *columns)
    row('---', *['---:'] * len(columns))


def series(figures):
    return '.'.join(figures.facts['kernel'].split('.')[:2])


def costs(kernels):
    head('instructions per packet', [f'{series(k)}, IPv{family}' for k in kernels for family in (4, 6)])
    for case, title, contenders in ANSWERS:
        row(f'**{title}**', *[''] * 2 * len(kernels))
        for contender in contenders:
            name = CONTENDERS[contender]
            row(f'**{name}**' if contender == 'synward' else name,
                *[f'{k.cost(contender, case, family):,.0f}' for k in kernels for family in (4, 6)])


def more(figures, case, family):
    return ' / '.join(f'{figures.more(contender, case, family):+,.0f}' for contender in ('conntrack', 'synward-tracks'))


def passing(kernels):
    head('on top of the kernel alone: nf_conntrack / synward',
         [f'{series(k)}, IPv{family}' for k in kernels for family in (4, 6)])
    for case, title in PASSING.items():
        row(title, *[more(k, case, family) for k in kernels for family in (4, 6)])


def verdict(value, limit):
    number = '.0f' if limit >= 10 else '.2f'
    return f'{value:{number}}' if value <= limit else f'**{value:{number}}**'


def target_rows(kernels):
    head('target (bold: not reached)', ['at most', *map(series, kernels)])
    for rows in zip(*map(targets, kernels)):
        what, _, limit = rows[0]
        row(what, f'{limit:g}', *[verdict(value, limit) for _, value, _ in rows])


def main():
    kernels = [load(path) for path in sys.argv[1:]]
    costs(kernels)
    print()
    passing(kernels)
    print()
    target_rows(kernels)


main()
