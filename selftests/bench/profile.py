#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""profile.py OUT: reads what ./guest prints with PROFILE=1, and OUT.counts of ./profile.c beside it. Ends with a table of
functions for each kind of packet, on stdout and in OUT.txt: instructions per packet, in the function itself."""

import bisect
import collections
import sys

KINDS = {
    'nothing data-forward': 'Data, forwarded by the kernel alone',
    'synward syn': 'A SYN that a cookie answers',
    'synward ack': 'A stray ACK that is dropped',
    'synward-tracks data-forward': 'Data of a known connection, forwarded',
    'synward-tracks syn-forward': 'A SYN that makes a half-open entry, forwarded',
    'synward-tracks udp-forward': 'UDP, forwarded',
}
LEAST = 5


def read(lines):
    """The orders one after the other, and the symbols by address."""
    orders, symbols, done = [], {}, False
    for line in lines:
        words = line.split()
        if words[:1] != ['bench']:
            print(line, end='', file=sys.stderr, flush=True)
        elif words[1] == 'order':
            orders.append((words[2], words[3], words[4], int(words[6]), int(words[7]) if words[7:] else 0))
        elif words[1] == 'symbol':
            symbols[int(words[2], 16)] = ' '.join(words[3:])
        elif words[1] in ('play', 'fault'):
            print('bench:', *words[1:], file=sys.stderr, flush=True)
        done |= words[1:] == ['done']
    if not done:
        sys.exit('bench: it broke off: see above')
    return orders, symbols


def counts(path):
    """{address: instructions} of one order after the other."""
    found = collections.Counter()
    with open(path, encoding='ascii') as file:
        for line in file:
            if line == 'order\n':
                yield found
                found = collections.Counter()
            else:
                address, count = line.split()
                found[int(address, 16)] += int(count)


def by_function(found, symbols, addresses):
    functions = collections.Counter()
    for address, count in found.items():
        at = bisect.bisect_right(addresses, address) - 1
        functions[symbols[addresses[at]] if at >= 0 else '?'] += count
    return functions


def table(title, family, packets, functions):
    ours = sum(count for name, count in functions.items() if name.endswith('[synward]')) / packets
    yield f'{title}, IPv{family}: {sum(functions.values()) / packets:,.0f} instructions, {ours:,.0f} of them ours'
    for name, count in functions.most_common():
        if count / packets >= LEAST:
            yield f'  {count / packets:7.0f}  {name}'
    yield ''


def text(orders, symbols, path):
    addresses = sorted(symbols)
    for (contender, kind, family, count, rounds), found in zip(orders, counts(path)):
        title = KINDS.get(f'{contender} {kind}')
        if title and rounds:
            yield from table(title, family, count * (rounds + 1), by_function(found, symbols, addresses))


def main():
    out = sys.argv[1]
    shown = '\n'.join(text(*read(sys.stdin), f'{out}.counts'))
    print(shown)
    with open(f'{out}.txt', 'w', encoding='utf-8') as file:
        file.write(shown)
    print(f'Table: {out}.txt')


if __name__ == '__main__':
    main()
