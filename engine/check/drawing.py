"""A picture of a flow written as Graphviz DOT or as Mermaid."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from engine.check.graph import Arrow, Box, Mark, Picture
from engine.dialogue.machine import Kind

_FILLS: Final[dict[Kind, str]] = {
    "listen": "#E3F0FB", "ask": "#E3F0FB", "choose_slot": "#E3F0FB", "consent": "#E3F0FB",
    "form": "#E6F4E8", "confirm": "#FFF6D6", "call": "#EFE7F8", "transfer": "#FCE8DC", "message": "#FCE8DC",
    "final": "#E4E6EA", "bye": "#F2F3F5", "choose": "#F2F3F5",
}  # fmt: skip
_KINDS: Final[tuple[tuple[Kind, str], ...]] = (
    ("say", "we say something"), ("listen", "we ask, the caller answers"), ("form", "a form: slots, in order"),
    ("confirm", "we read back and ask"), ("call", "a tool is called"), ("transfer", "a person, or a message"),
)  # fmt: skip
_INK: Final = "#20262E"
_FAINT: Final = "#9AA3AF"
_LINE: Final = "#5B6673"
_COLOURS: Final[dict[Mark, str]] = {"path": "#D9480F", "full": "#1A7F4B", "part": "#C98A00", "none": "#C92A2A"}
_MARKS: Final[dict[Mark, str]] = {
    "path": "this conversation, with the number of each move",
    "full": "all that can happen here was covered",
    "part": "some of it was covered",
    "none": "never covered",
}
_WIDTH: Final = 34
_ANYWHERE: Final = "at any time"
_KEY: Final = "what the colours mean"


def dot(picture: Picture) -> str:
    """The picture in Graphviz's language, to be read from left to right."""
    lines = [
        f"digraph {_quoted(picture.name)} {{",
        '  graph [rankdir=LR, ranksep=0.55, nodesep=0.25, fontname="Helvetica", bgcolor="white", pad=0.3]',
        f'  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=12, color="{_LINE}",'
        f' fontcolor="{_INK}", fillcolor="white", margin="0.1,0.06"]',
        f'  edge [fontname="Helvetica", fontsize=10, color="{_LINE}", fontcolor="{_LINE}", arrowsize=0.7]',
    ]
    lines += _inside(picture, "")
    if picture.anywhere:
        lines.append(f"  {_quoted(_ANYWHERE)} [{_list(_ANYWHERE, _wishes(picture))}]")
    lines.append(f"  {_quoted(_KEY)} [{_list(_KEY, _key(picture))}]")
    lines += [f"  {_arrow(arrow)}" for arrow in picture.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _groups(picture: Picture) -> list[str]:
    """Used flows, with those that they use in turn; each comes after the one it is in."""
    found: dict[str, None] = {}
    for box in picture.boxes:
        parts = box.group.split(".") if box.group else []
        found.update(dict.fromkeys(".".join(parts[: size + 1]) for size in range(len(parts))))
    return list(found)


def _within(picture: Picture, group: str) -> list[str]:
    """The groups that lie directly in a group."""
    return [name for name in _groups(picture) if name.rpartition(".")[0] == group]


def _inside(picture: Picture, group: str, depth: int = 1) -> Iterator[str]:
    """The boxes of a group, and the groups in it."""
    margin = "  " * depth
    yield from (f"{margin}{_quoted(box.name)} [{_box(box)}]" for box in picture.boxes if box.group == group)
    for name in _within(picture, group):
        yield f"{margin}subgraph {_quoted(f'cluster_{name}')} {{"
        title = name.rpartition(".")[2]
        yield (
            f'{margin}  label={_quoted(title)}; labeljust=l; fontsize=12; fontcolor="{_LINE}"; color="#C9CFD6"; '
            'style="rounded"'
        )
        yield from _inside(picture, name, depth + 1)
        yield margin + "}"


def _box(box: Box) -> str:
    fill = _FILLS.get(box.kind, "white")
    border = f', color="{_COLOURS[box.mark]}", penwidth=2.6' if box.mark else ""
    if box.sign:
        return f'label={_quoted(box.words)}, shape=plaintext, style="", fontsize=11, fontcolor="{_LINE}", margin=0.02'
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


def _wishes(picture: Picture) -> Iterator[str]:
    for what, dest in picture.anywhere:
        yield f'<td align="left">{escape(what)}</td><td align="left">→ {escape(dest)}</td>'


def _key(picture: Picture) -> Iterator[str]:
    for kind, words in _KINDS:
        fill = _FILLS.get(kind, "white")
        yield f'<td bgcolor="{fill}" border="1" color="{_LINE}">      </td><td align="left">{escape(words)}</td>'
    for mark, words in _MARKS.items():
        if mark in picture.marks:
            yield f'<td bgcolor="{_COLOURS[mark]}">      </td><td align="left">{escape(words)}</td>'


def _list(title: str, rows: Iterator[str]) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    head = f'<tr><td align="left" colspan="2"><b>{escape(title)}</b></td></tr>'
    table = f'<table border="0" cellspacing="2" cellpadding="1">{head}{body}</table>'
    return f'label=<{table}>, fontsize=11, fillcolor="white", style="rounded,dashed", color="{_FAINT}"'


def _title(box: Box) -> str:
    name = box.name.rpartition(".")[2] if box.group else box.name
    return f"▶ {name}" if box.start else name


def _wrapped(text: str) -> str:
    lines = "".join(f'{escape(line)}<br align="left"/>' for line in textwrap.wrap(text, _WIDTH))
    return f'<font point-size="10" color="{_LINE}">{lines}</font>'


def _arrow(arrow: Arrow) -> str:
    padded = "\n".join(f" {line} " for line in _label(arrow).splitlines())
    marks = [f"label={_quoted(padded)}"] if padded else []
    if arrow.faint:
        marks.append(f'style=dashed, color="{_FAINT}", fontcolor="{_FAINT}"')
    if arrow.mark:
        colour = _COLOURS[arrow.mark]
        marks.append(f'color="{colour}", fontcolor="{colour}", penwidth=2.2')
    return f"{_quoted(arrow.source)} -> {_quoted(arrow.dest)}" + (f" [{', '.join(marks)}]" if marks else "")


def _label(arrow: Arrow) -> str:
    """The words of an arrow, after the numbers of the moves that took it."""
    numbers = ", ".join(map(str, arrow.turns))
    return f"{numbers}: {arrow.label}" if numbers and arrow.label else numbers or arrow.label


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inner}"'


def mermaid(picture: Picture) -> str:
    """The picture in Mermaid's language, which code hosts show in their pages."""
    names = {box.name: f"s{number}" for number, box in enumerate(picture.boxes)}
    lines = ["flowchart LR", *_inside_mermaid(picture, names, "")]
    if picture.anywhere:
        told = "<br/>".join(f"{_clean(what)} → {_clean(dest)}" for what, dest in picture.anywhere)
        lines.append(f'  anywhere["<b>{_ANYWHERE}</b><br/>{told}"]')
    for number, arrow in enumerate(picture.arrows):
        line = "-.->" if arrow.faint else "==>" if arrow.mark == "path" else "-->"
        label = f'|"{_clean(_label(arrow))}"|' if _label(arrow) else ""
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.dest]}")
        if arrow.mark:
            lines.append(f"  linkStyle {number} stroke:{_COLOURS[arrow.mark]},color:{_COLOURS[arrow.mark]}")
    for mark, colour in _COLOURS.items():
        marked = [names[box.name] for box in picture.boxes if box.mark == mark]
        if marked:
            lines.append(f"  classDef {mark}mark stroke:{colour},stroke-width:3px")
            lines.append(f"  class {','.join(marked)} {mark}mark")
    marks = [f"{_WORDS[mark]}: {_clean(words)}" for mark, words in _MARKS.items() if mark in picture.marks]
    if marks:
        lines.append(f'  key["<b>{_KEY}</b><br/>{"<br/>".join(marks)}"]')
    return "\n".join(lines) + "\n"


_WORDS: Final[dict[Mark, str]] = {"path": "orange", "full": "green", "part": "yellow", "none": "red"}


def _inside_mermaid(picture: Picture, names: Mapping[str, str], group: str, depth: int = 1) -> Iterator[str]:
    margin = "  " * depth
    yield from (f"{margin}{names[box.name]}{_shape(box)}" for box in picture.boxes if box.group == group)
    for name in _within(picture, group):
        yield f'{margin}subgraph {name.replace(".", "_")}["{_clean(name.rpartition(".")[2])}"]'
        yield from _inside_mermaid(picture, names, name, depth + 1)
        yield f"{margin}end"


def _shape(box: Box) -> str:
    if box.kind == "final":
        return f'(["{_clean(box.words or box.name)}"])'
    parts = [f"<b>{_clean(_title(box))}</b>", _clean(box.words)]
    parts += [f"{_clean(name)}: {_clean(words)}" for name, words in box.rows]
    return f'["{"<br/>".join(part for part in parts if part)}"]'


def _clean(text: str) -> str:
    return escape(text.replace('"', "'"), quote=False).replace("\n", "<br/>").replace("#", "no. ")
