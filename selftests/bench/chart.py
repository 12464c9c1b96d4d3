# SPDX-License-Identifier: GPL-2.0
"""Groups of bars as SVG."""

from xml.sax.saxutils import escape

WIDTH, LABELS, BAR, GAP, TITLE = 860, 330, 18, 6, 44
STYLE = """
text { font: 13px sans-serif; fill: #222 }
.title { font-weight: bold }
.theirs { fill: #9aa5b1 }
.ours { fill: #1f77b4 }
.page { fill: #fff }
"""


def bar(y, label, value, ours, scale):
    width = max(value * scale, 1)
    return (f'<text x="{LABELS - 8}" y="{y + 14}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" class="{"ours" if ours else "theirs"}"/>'
            f'<text x="{LABELS + width + 6:.1f}" y="{y + 14}">{value:,.0f}</text>')


def draw(title, groups):
    """groups: (title, [(label, value, ours)])."""
    scale = (WIDTH - LABELS - 80) / max(value for _, bars in groups for _, value, _ in bars)
    parts = [f'<text x="16" y="26" class="title">{escape(title)}</text>']
    y = 36
    for name, bars in groups:
        parts.append(f'<text x="16" y="{y + 28}" class="title">{escape(name)}</text>')
        y += TITLE
        for label, value, ours in bars:
            parts.append(bar(y, label, value, ours, scale))
            y += BAR + GAP
    body = '\n'.join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 16}">\n<style>{STYLE}</style>\n'
            f'<rect class="page" width="100%" height="100%"/>\n{body}\n</svg>\n')
