"""A picture of a flow written as Graphviz DOT or as Mermaid."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape
from typing import Final

from engine.check.graph import Arrow, Box, Picture
from engine.dialogue.machine import Kind

_FILLS: Final[dict[Kind, str]] = {
    "listen": "#E3F0FB", "ask": "#E3F0FB", "choose_slot": "#E3F0FB", "consent": "#E3F0FB",
    "form": "#E6F4E8", "confirm": "#FFF6D6", "call": "#EFE7F8", "transfer": "#FCE8DC", "message": "#FCE8DC",
    "final": "#E4E6EA", "bye": "#F2F3F5", "choose": "#F2F3F5",
}  # fmt: skip
_INK: Final = "#20262E"
_FAINT: Final = "#9AA3AF"
_PATH: Final = "#D9480F"
_LINE: Final = "#5B6673"
_WIDTH: Final = 34
_ANYWHERE: Final = "at any time"


def dot(picture: Picture) -> str:
    """The picture in Graphviz's language."""
    lines = [
        f"digraph {_quoted(picture.name)} {{",
        '  graph [rankdir=TB, ranksep=0.45, nodesep=0.35, fontname="Helvetica", bgcolor="white", pad=0.3]',
        f'  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, color="{_LINE}",'
        f' fontcolor="{_INK}", fillcolor="white", margin="0.12,0.07"]',
        f'  edge [fontname="Helvetica", fontsize=9, color="{_LINE}", fontcolor="{_LINE}", arrowsize=0.7]',
    ]
    for number, group in enumerate(_groups(picture)):
        lines += _group(picture, group, number)
    if picture.anywhere:
        lines.append(f"  {_quoted(_ANYWHERE)} [{_legend(picture)}]")
    lines += [f"  {_arrow(arrow)}" for arrow in picture.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _groups(picture: Picture) -> Iterator[str]:
    yield from dict.fromkeys(box.group for box in picture.boxes)


def _group(picture: Picture, group: str, number: int) -> Iterator[str]:
    boxes = [f"{_quoted(box.name)} [{_box(box)}]" for box in picture.boxes if box.group == group]
    if not group:
        yield from (f"  {box}" for box in boxes)
        return
    yield f"  subgraph cluster_{number} {{"
    yield f'    label={_quoted(group)}; labeljust=l; fontsize=11; fontcolor="{_LINE}"; color="#C9CFD6"; style="rounded"'
    yield from (f"    {box}" for box in boxes)
    yield "  }"


def _box(box: Box) -> str:
    fill = _FILLS.get(box.kind, "white")
    border = f', color="{_PATH}", penwidth=2.4' if box.visited else ""
    if box.sign:
        return f'label={_quoted(box.words)}, shape=plaintext, style="", fontsize=10, fontcolor="{_LINE}", margin=0.02'
    if box.kind == "final":
        return f'label={_quoted(box.name)}, fillcolor="{fill}"{border}'
    title = f"<b>{escape(_title(box))}</b>"
    cells = [f'<tr><td align="left" colspan="2">{title}</td></tr>']
    if box.words:
        cells.append(f'<tr><td align="left" colspan="2">{_wrapped(box.words)}</td></tr>')
    for name, words in box.rows:
        shown = f'<td align="left" valign="top"><font point-size="10">{escape(name)}</font></td>'
        cells.append(f'<tr>{shown}<td align="left">{_wrapped(words)}</td></tr>')
    table = f'<table border="0" cellborder="0" cellspacing="1" cellpadding="1">{"".join(cells)}</table>'
    return f'label=<{table}>, fillcolor="{fill}"{border}'


def _legend(picture: Picture) -> str:
    rows = "".join(
        f'<tr><td align="left">{escape(what)}</td><td align="left">→ {escape(dest)}</td></tr>'
        for what, dest in picture.anywhere
    )
    title = '<tr><td align="left" colspan="2"><b>at any time</b></td></tr>'
    table = f'<table border="0" cellspacing="1" cellpadding="1">{title}{rows}</table>'
    return f'label=<{table}>, fontsize=10, style="rounded,dashed", color="{_FAINT}"'


def _title(box: Box) -> str:
    name = box.name.rpartition(".")[2] if box.group else box.name
    return f"▶ {name}" if box.start else name


def _wrapped(text: str) -> str:
    lines = "".join(f'{escape(line)}<br align="left"/>' for line in textwrap.wrap(text, _WIDTH))
    return f'<font point-size="9" color="{_LINE}">{lines}</font>'


def _arrow(arrow: Arrow) -> str:
    padded = "\n".join(f" {line} " for line in arrow.label.splitlines())
    marks = [f"label={_quoted(padded)}"] if arrow.label else []
    if arrow.faint:
        marks.append(f'style=dashed, color="{_FAINT}", fontcolor="{_FAINT}"')
    if arrow.visited:
        marks.append(f'color="{_PATH}", fontcolor="{_PATH}", penwidth=2.2')
    return f"{_quoted(arrow.source)} -> {_quoted(arrow.dest)}" + (f" [{', '.join(marks)}]" if marks else "")


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inner}"'


def mermaid(picture: Picture) -> str:
    """The picture in Mermaid's language, which code hosts show in their pages."""
    names = {box.name: f"s{number}" for number, box in enumerate(picture.boxes)}
    lines = ["flowchart TD"]
    for group in _groups(picture):
        inner = [f"{names[box.name]}{_shape(box)}" for box in picture.boxes if box.group == group]
        if group:
            inner = [f"subgraph {_clean(group).replace(' ', '_')}", *(f"  {line}" for line in inner), "end"]
        lines += [f"  {line}" for line in inner]
    if picture.anywhere:
        told = "<br/>".join(f"{_clean(what)} → {_clean(dest)}" for what, dest in picture.anywhere)
        lines.append(f'  anywhere["<b>{_ANYWHERE}</b><br/>{told}"]')
    for arrow in picture.arrows:
        line = "-.->" if arrow.faint else "==>" if arrow.visited else "-->"
        label = f'|"{_clean(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.dest]}")
    visited = [names[box.name] for box in picture.boxes if box.visited]
    if visited:
        lines += [f"  classDef visited stroke:{_PATH},stroke-width:3px", f"  class {','.join(visited)} visited"]
    return "\n".join(lines) + "\n"


def _shape(box: Box) -> str:
    if box.kind == "final":
        return f'(["{_clean(box.words or box.name)}"])'
    parts = [f"<b>{_clean(_title(box))}</b>", _clean(box.words)]
    parts += [f"{_clean(name)}: {_clean(words)}" for name, words in box.rows]
    return f'["{"<br/>".join(part for part in parts if part)}"]'


def _clean(text: str) -> str:
    return escape(text.replace('"', "'"), quote=False).replace("\n", "<br/>").replace("#", "no. ")
