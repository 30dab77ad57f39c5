"""Coverage as one HTML page that needs nothing else: tables, and the author's files line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from engine.coverage.report import NAMES, Coverage, Missing

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6673; --line: #d9dee5; --page: #fff; --card: #f6f8fa;
  --good: #1a7f4b; --bad: #c2410c; --bad-back: #fff1e8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b3; --line: #343c47; --page: #14181d;
  --card: #1c222a; --good: #57c98b; --bad: #ff9d66; --bad-back: #3a2316; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto;
  max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; } th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { background: var(--line); border-radius: 4px; height: .6rem; min-width: 8rem; margin-top: .45rem; }
.bar i { display: block; background: var(--good); border-radius: 4px; height: 100%; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--card); border-radius: 6px; padding: .6rem 0; overflow-x: auto; }
pre span { display: block; padding: 0 .8rem; white-space: pre; min-width: max-content; }
pre b { color: var(--soft); font-weight: 400; display: inline-block; width: 3.2em; user-select: none; }
pre .missing { background: var(--bad-back); box-shadow: inset 3px 0 var(--bad); }
.picture { overflow: auto; max-height: 85vh; background: #fff; color: #1b2430; border-radius: 6px; padding: .5rem; }
.picture label { position: sticky; left: 0; } .picture svg { display: block; }
.picture:not(:has(:checked)) svg { max-width: 100%; height: auto; }
"""


def page(coverages: Sequence[Coverage], sources: Mapping[str, Sequence[str]], pictures: Mapping[str, str]) -> str:
    """The whole page. `sources` are the lines of the author's files as `Lines.file` names them, `pictures` SVG images
    by the path of the flow."""
    body = "\n".join(part for coverage in coverages for part in _flow(coverage, sources, pictures))
    names = ", ".join(coverage.flow for coverage in coverages)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Coverage of {escape(names)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _flow(coverage: Coverage, sources: Mapping[str, Sequence[str]], pictures: Mapping[str, str]) -> Iterator[str]:
    yield f"<h1>{escape(coverage.flow)}: {coverage.percent:.1f} % covered</h1>"
    talks = "1 conversation" if coverage.talks == 1 else f"{coverage.talks} conversations"
    yield f"<p>{talks} of <code>{escape(coverage.path)}</code>: what callers can live through, and what of it was.</p>"
    yield "<table><tr><th>what</th><th>covered</th><th></th><th></th></tr>"
    for kind, lived, whole in coverage.by_kind():
        part = 100 * lived / whole
        bar = f'<div class="bar" role="img" aria-label="{part:.0f} percent"><i style="width:{part:.1f}%"></i></div>'
        yield (
            f'<tr><td>{escape(NAMES[kind])}</td><td>{bar}</td><td class="number">{lived} of {whole}</td>'
            f'<td class="number">{part:.1f} %</td></tr>'
        )
    yield "</table>"
    yield from _list("Missing", coverage.missing)
    yield from _list("Cannot happen, by proof, and does not count", coverage.unreachable)
    if coverage.path in pictures:
        box = '<label><input type="checkbox"> in full size</label>'
        yield f'<h2>The flow</h2><div class="picture">{box}{pictures[coverage.path]}</div>'
    yield from _files(coverage, sources)


def _list(title: str, found: Sequence[Missing]) -> Iterator[str]:
    if not found:
        return
    yield f"<h2>{escape(title)}</h2>"
    yield "<table><tr><th>where</th><th>what</th><th>how it would be covered</th></tr>"
    for one in found:
        yield (
            f"<tr><td><code>{escape(str(one.lines))}</code></td><td>{escape(one.item.kind)} "
            f"<code>{escape(str(one.item))}</code></td><td>{_marked(one.hint)}</td></tr>"
        )
    yield "</table>"


def _marked(hint: str) -> str:
    """Words in backquotes as code."""
    parts = escape(hint).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _files(coverage: Coverage, sources: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The files with the lines marked of which something is missing."""
    missing: dict[tuple[str, int], list[str]] = {}
    for one in coverage.missing:
        for line in range(one.lines.first, one.lines.last + 1):
            missing.setdefault((one.lines.file, line), []).append(f"{one.item.kind} {one.item}")
    for file, lines in sources.items():
        if not any(name == file for name, _ in missing):
            continue
        yield f"<h2><code>{escape(file)}</code></h2>\n<pre>"
        for number, text in enumerate(lines, 1):
            told = missing.get((file, number))
            mark = f' class="missing" title="missing: {escape("; ".join(told[:8]))}"' if told else ""
            yield f"<span{mark}><b>{number}</b>{escape(text)}</span>"
        yield "</pre>"
