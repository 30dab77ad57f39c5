"""The lines: a flow with errors never answers a call, so it is better to know now."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.report import check_reading
from engine.doctor.registry import Row, look
from engine.errors import FrontdeskError
from engine.flow.loader import variants_of
from engine.persona.persona import persona_beside
from engine.settings import LineSettings, Settings, read_line


@look("lines")
def lines(settings: Settings) -> Iterator[Row]:
    if not settings.lines:
        advice = "Write `lines: {restaurant: {flow: trattoria, numbers: [100]}}` in frontdesk.yaml."
        yield Row("lines", "warning", "no line is set up, so `serve` has nothing to answer", advice)
    for line in settings.lines.values():
        yield _flow(line)
        yield from _persona(line, settings.speech.voice)
        if line.overflow is not None and line.overflow not in settings.people:
            text = f"{line.overflow} is rung when we are away, and is not under `people`"
            yield Row(f"{line.name}: overflow", "error", text, f"Write `people: {{{line.overflow}: <extension>}}`.")
        elif line.overflow is None:
            text = "nobody is rung when we are away or full: the caller hears the busy tone"
            yield Row(f"{line.name}: overflow", "warning", text, "Name a person of `people` as the line's `overflow`.")


def _persona(line: LineSettings, engine: str) -> Iterator[Row]:
    """Whether the voice of the settings can do what the line's persona asks."""
    try:
        flow = read_line(line).flow
        flows = () if flow is None else (flow, *(variants_of(flow) if flow.variants else ()))
        personas = [persona_beside(one.path, one.persona) for one in flows]
        unheard = tuple(dict.fromkeys(name for one in personas for name in one.unheard(engine)))
    except (FrontdeskError, OSError):
        return  # said with the flow
    if unheard:
        text = f"the voice {engine} cannot follow the persona's {' and '.join(unheard)}"
        yield Row(f"{line.name}: persona", "warning", text, f"Hear it with `frontdesk say --engine {engine}`.")


def _flow(line: LineSettings) -> Row:
    try:
        report = check_reading(read_line(line))
    except (FrontdeskError, OSError) as fault:
        return Row(line.name, "error", f"{line.flow} cannot be read: {fault}", "Look at the line's `flow`.")
    errors, warnings = report.count("error"), report.count("warning")
    some = "1 warning" if warnings == 1 else f"{warnings} warnings"
    advice = f"Run `frontdesk check {line.flow}`."
    if errors:
        return Row(line.name, "error", f"{line.flow} has errors ({errors}), so it answers no call", advice)
    if warnings:
        return Row(line.name, "warning", f"{line.flow} is sound, with {some}", advice)
    return Row(line.name, "ok", f"{line.flow} is sound")
