"""The stages of an answer as an SVG: a bar for each kind of question, from the caller's last sound to our first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

COLOURS: Mapping[str, str] = {"endpoint": "#4c78a8", "words": "#f58518", "model": "#b279a2", "step": "#54a24b",
                              "speak": "#e45756"}  # fmt: skip
LEFT, BAR, GAP, WIDE = 190, 26, 18, 560


def drawing(title: str, stages: Mapping[str, Mapping[str, float]], ends: Mapping[str, Mapping[str, float]]) -> str:
    """`stages` has the medians of each kind of question, `ends` its p50 and p95 mouth to ear; milliseconds."""
    longest = max([ends[kind]["p95"] for kind in stages] + [1.0])
    height = 70 + len(stages) * (BAR + GAP) + 40
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDE + 110}" height="{height}" '
    style = 'font-family="sans-serif" font-size="13">'
    body = [f'<rect width="100%" height="100%" fill="white"/><text x="12" y="24" font-size="15">{escape(title)}</text>']
    for number, kind in enumerate(stages):
        body += bar(kind, stages[kind], ends[kind], 44 + number * (BAR + GAP), WIDE / longest)
    body += legend(height - 34)
    return head + style + "".join(body) + "</svg>\n"


def bar(kind: str, stages: Mapping[str, float], ends: Mapping[str, float], top: float, scale: float) -> Iterator[str]:
    """The stages one after the other, and a mark at the p95 of the whole."""
    yield f'<text x="{LEFT - 10}" y="{top + 17}" text-anchor="end">{escape(kind)}</text>'
    at = 0.0
    for name, colour in COLOURS.items():
        wide = stages.get(name, 0.0)
        title = f"<title>{name} {wide:.0f} ms</title>"
        yield f'<rect x="{LEFT + at * scale:.1f}" y="{top}" width="{wide * scale:.1f}" height="{BAR}" fill="{colour}">'
        yield f"{title}</rect>"
        at += wide
    last = LEFT + ends["p95"] * scale
    yield f'<line x1="{last:.1f}" x2="{last:.1f}" y1="{top - 3}" y2="{top + BAR + 3}" stroke="#333" stroke-width="2"/>'
    label = f"{ends['p50']:.0f} / {ends['p95']:.0f} ms"
    yield f'<text x="{last + 8:.1f}" y="{top + 17}">{label}</text>'


def legend(top: float) -> Iterator[str]:
    """What the colours are."""
    for number, (name, colour) in enumerate(COLOURS.items()):
        at = LEFT + number * 105
        yield f'<rect x="{at}" y="{top}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{at + 18}" y="{top + 11}">{name}</text>'
    yield f'<text x="12" y="{top + 11}">medians; line: p95</text>'
