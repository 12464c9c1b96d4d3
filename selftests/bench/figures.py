# SPDX-License-Identifier: GPL-2.0
"""What ./guest and ./guest-load print, read into figures: the lines are described there."""

import sys
from statistics import median

CONTENDERS = {
    'nothing': 'the kernel alone',
    'empty-hooks': 'hooks that do nothing',
    'queue-full': 'kernel, tcp_syncookies=0, queue full: drops',
    'kernel-1': 'kernel, tcp_syncookies=1, queue full',
    'kernel-2': 'kernel, tcp_syncookies=2',
    'conntrack': 'nf_conntrack, tcp_syncookies=2',
    'synproxy': 'SYNPROXY (nft)',
    'xdp': "XDP, the kernel tree's program, generic mode",
    'synward+conntrack': 'synward, nf_conntrack beside it',
    'synward': 'synward',
    'nft-drop': 'one nft rule that drops, priority raw',
}


class Figures:
    def __init__(self):
        self.rounds = {}
        self.facts = {}
        self.faults = []
        self.complete = False

    def add(self, contender, case, family, *cycles):
        self.rounds.setdefault((contender, case, int(family)), []).extend(map(float, cycles))

    def cost(self, contender, case, family=4):
        """What a packet costs, without the measuring itself."""
        own = median(self.rounds['nothing', 'none', family])
        return median(self.rounds[contender, case, family]) - own

    def spread(self, contender, case, family=4):
        rounds = self.rounds[contender, case, family]
        return (max(rounds) - min(rounds)) / median(rounds)

    def more(self, contender, case, family=4, base=None):
        """What it costs on top of the kernel alone."""
        return self.cost(contender, case, family) - self.cost('nothing', base or case, family)


def read(lines):
    figures = Figures()
    for line in lines:
        word, _, rest = line.strip().partition(' ')
        kind, _, rest = rest.partition(' ')
        if word != 'bench':
            print(line, end='', file=sys.stderr, flush=True)
        elif kind == 'begin':
            figures.facts = dict(item.split('=') for item in rest.split())
        elif kind == 'figure':
            figures.add(*rest.split())
        elif kind == 'play':
            print('bench: measuring', rest, file=sys.stderr, flush=True)
        elif kind == 'fault':
            figures.faults.append(rest)
            print('bench: FAULT:', rest, file=sys.stderr, flush=True)
        elif kind == 'done':
            figures.complete = True
    return figures


def render(form, figures):
    """What form makes of them; without all of them there is nothing to show."""
    if not figures.complete:
        sys.exit('bench: it broke off: see above')
    try:
        return form(figures)
    except KeyError as missing:
        sys.exit(f'bench: no figure of {missing}: see FAULT above')


def finish(figures):
    """The exit status is 0 when everything was measured as said, whatever the figures are."""
    if figures.faults:
        sys.exit(f'bench: {len(figures.faults)} figures are of something else than they say: see FAULT above')


def tell(form):
    """The whole of a script whose argument is OUT: reads stdin, prints the table and writes it into OUT.md."""
    out = sys.argv[1]
    figures = read(sys.stdin)
    table = render(form, figures)
    print(table)
    with open(f'{out}.md', 'w', encoding='utf-8') as file:
        file.write(table)
    print(f'Table: {out}.md')
    finish(figures)
