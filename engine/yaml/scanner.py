"""PyYAML's scanner and parser, with YAML 1.2's question mark and our words for what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from yaml.error import MarkedYAMLError
from yaml.events import Event
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner
from yaml.tokens import ScalarToken

from engine.yaml.position import Place, Report

_SPACE = "\0 \t\r\n\x85\u2028\u2029"
_WORD = re.compile(rf"(?:[^{_SPACE}:]|:(?=[^{_SPACE}]))+")
_WORD_IN_BRACES = re.compile(rf"(?:[^{_SPACE}:,\[\]{{}}]|:(?=[^{_SPACE},\[\]{{}}]))+")
_ODD_START = re.compile(r"\s*(?:- )?(?:[\w.-]+:\s+)?(?=[\[{\"'*&!|>%@`])")


class Point(Protocol):
    """A mark of PyYAML; both count from 0."""

    line: int
    column: int


class _Reader(Reader, Scanner, Parser):
    """Differs from PyYAML's own in plain text only: `?` is an ordinary character unless a space follows it."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def next_event(self) -> Event | None:
        event: Event | None = self.get_event()  # type: ignore[no-untyped-call]
        return event

    def check_key(self) -> bool:
        return self.peek(1) in _SPACE and not (self.flow_level and self.peek(1) == "\0")

    def check_plain(self) -> bool:
        return bool(super().check_plain()) or (self.peek() == "?" and self.peek(1) not in _SPACE)

    def scan_plain(self) -> ScalarToken:
        start = end = self.get_mark()
        word = _WORD_IN_BRACES if self.flow_level else _WORD
        parts: list[str] = []
        between: list[str] | None = []
        while self.peek() != "#" and (found := word.match(self.buffer, self.pointer)):
            parts += [*(between or ()), found[0]]
            self.allow_simple_key = False
            self.forward(len(found[0]))
            end = self.get_mark()
            between = self.scan_plain_spaces(self.indent + 1, start)
            if not between or (not self.flow_level and self.column <= self.indent):
                break
        return ScalarToken("".join(parts), True, start, end)


def events(text: str, file: str, report: Report) -> Iterator[Event]:
    """PyYAML's events of a text; where it gives up, one finding is reported and the events end."""
    try:
        parser = _Reader(text)
    except ReaderError as error:
        before = text[: error.position]
        line_start = max(before.rfind("\n"), before.rfind("\r")) + 1
        place = Place(file, len(re.findall(r"\r\n|[\n\r]", before)) + 1, error.position - line_start + 1)
        report.error("character", place, "this character cannot stand in a flow", "Remove it, or type it again.")
        return
    try:
        while (event := parser.next_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        _explain(error, file, report)
    except (ValueError, OverflowError):
        place = Place(file, parser.line + 1, parser.column + 1)
        report.error("syntax", place, "this escape names no character", "Write the character itself.")


def stretch(start: Point | None, end: Point | None, file: str) -> Place:
    """The place between two marks; what goes on over several lines is shown by its first column."""
    if start is None or end is None:
        return Place(file)
    width = max(1, end.column - start.column) if end.line == start.line else 1
    return Place(file, start.line + 1, start.column + 1, width, end.line + 1)


def _explain(error: MarkedYAMLError, file: str, report: Report) -> None:
    """Says in our words what PyYAML refused, and where."""
    problem, context = error.problem or "", error.context or ""
    place = stretch(error.problem_mark, error.problem_mark, file)
    begun = stretch(error.context_mark, error.context_mark, file) if error.context_mark else place
    line = report.line(place)
    at = report.raw_line(place)[: place.column]
    if "\\t" in problem or at.endswith("\t"):
        report.error("tab", place, "there is a tab here", "Use spaces; YAML takes no tabs.")
    elif "mapping values are not allowed" in problem or (problem.endswith("got ':'") and place.line == begun.line):
        _colon(place, line, report)
    elif "quoted scalar" in context and ("end of stream" in problem or "separator" in problem):
        hint = 'Close it, or put a text with an apostrophe in "double quotes".'
        report.error("quote", begun, "this quote is never closed", hint)
    elif "double-quoted" in context:
        report.error("quote", place, 'a backslash means something special in "..."', "Write \\\\ for one backslash.")
    elif "simple key" in context:
        hint = "Is a `:` missing, or does the line above need quotes?"
        report.error("key", begun, "a `key: value` is due here, but there is no colon", hint)
    elif "flow mapping" in context or "flow sequence" in context:
        _bracket(problem, "}" if "mapping" in context else "]", place, begun, report)
    elif "document start" in problem or "directive" in problem:
        hint = "A file holds one table of `key: value` lines."
        report.error("document", place, "there is text here that belongs to nothing", hint)
    elif "scanning" in context or "cannot start" in problem:
        _special(begun, report)
    elif odd := _ODD_START.match(line):
        _special(Place(place.file, place.line, odd.end() + 1), report)
    else:
        hint = "Indent it as far as its neighbours, with spaces."
        report.error("indent", place, "this line does not fit the lines above", hint)


def _special(place: Place, report: Report) -> None:
    """Text that begins with a sign that means something to YAML; more said of the same line would only confuse."""
    report.found = [found for found in report.found if (found.at.file, found.at.line) != (place.file, place.line)]
    sign = report.line(place)[place.column - 1 : place.column]
    hint = "Put the whole text in quotes."
    if sign in ("'", '"'):
        other = "'" if sign == '"' else '"'
        hint = f"Put the whole text in quotes of the other kind, {other}...{other}."
    report.error("special-start", place, f"text that begins with `{sign}` cannot stand like this", hint)


def _bracket(problem: str, bracket: str, place: Place, begun: Place, report: Report) -> None:
    if "stream end" in problem or "block end" in problem or place.line > begun.line:
        report.error("bracket", begun, "this bracket is never closed", f"Write `{bracket}` where it ends.")
    else:
        hint = "Put the text in quotes, or separate it with a comma."
        report.error("bracket", place, f"a comma or `{bracket}` is due here", hint)


def _colon(place: Place, line: str, report: Report) -> None:
    """A second `: ` on a line is mostly text that needs quotes; a lone key is mostly indented too far."""
    before = line[: place.column - 1]
    if re.fullmatch(r"\s*(- )?[\w.-]+", before):
        start = len(line) - len(line.lstrip())
        key = Place(place.file, place.line, start + 1, place.column - 1 - start)
        hint = "Indent it as far as its neighbours."
        report.error("indent", key, "this line is indented deeper than the text above lets it be", hint)
    else:
        report.error(
            "colon", place, "a colon followed by a space cannot stand in bare text", "Put this text in quotes."
        )
