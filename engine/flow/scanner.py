"""PyYAML's scanner and parser, with YAML 1.2's question mark and our words for what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml.error import MarkedYAMLError
from yaml.events import Event
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner
from yaml.tokens import ScalarToken

from engine.flow.position import Place, Report

_SPACE = "\0 \t\r\n\x85\u2028\u2029"
_WORD = re.compile(rf"(?:[^{_SPACE}:]|:(?=[^{_SPACE}]))+")
_WORD_IN_BRACES = re.compile(rf"(?:[^{_SPACE}:,\[\]{{}}]|:(?=[^{_SPACE},\[\]{{}}]))+")
_QUOTE_IT = "Put the text in quotes."


class _Reader(Reader, Scanner, Parser):  # type: ignore[misc]
    """Differs from PyYAML's own in plain text only: `?` is an ordinary character unless a space follows it."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

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
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        _explain(error, file, report)
    except (ValueError, OverflowError):
        place = Place(file, parser.line + 1, parser.column + 1)
        report.error("syntax", place, "this escape names no character", "Write the character itself.")


def _explain(error: MarkedYAMLError, file: str, report: Report) -> None:
    """Says in our words what PyYAML refused, and where."""
    problem, context = error.problem or "", error.context or ""
    at, since = error.problem_mark, error.context_mark
    place = Place(file, at.line + 1, at.column + 1)
    begun = Place(file, since.line + 1, since.column + 1) if since else place
    line = report.line(place)
    if "\\t" in problem or line[: at.column + 1].endswith("\t"):
        report.error("tab", place, "there is a tab here", "Use spaces; YAML takes no tabs.")
    elif "mapping values are not allowed" in problem or problem.endswith("got ':'"):
        _colon(place, line, report)
    elif "quoted scalar" in context and ("end of stream" in problem or "separator" in problem):
        report.error(
            "quote", begun, "this quote is never closed", 'Close it, or put a text with an apostrophe in "...".'
        )
    elif "double-quoted" in context:
        report.error("quote", place, 'a backslash means something special in "..."', "Write \\\\ for one backslash.")
    elif "simple key" in context:
        report.error(
            "key",
            begun,
            "a `key: value` is due here, but there is no colon",
            "Is a `:` missing, or is the line above not in quotes?",
        )
    elif "flow mapping" in context or "flow sequence" in context:
        bracket = "}" if "mapping" in context else "]"
        report.error(
            "bracket",
            place,
            f"a comma or `{bracket}` is due here",
            f"{_QUOTE_IT[:-1]}, or close the bracket of line {begun.line}.",
        )
    elif (
        _starts_oddly(report.line(begun if "scanning" in context else place))
        or "scanning" in context
        or "cannot start" in problem
    ):
        report.error(
            "special-start",
            begun if "scanning" in context else place,
            "text with special characters must be in quotes",
            _QUOTE_IT,
        )
    elif "document start" in problem or "directive" in problem:
        report.error(
            "document",
            place,
            "there is text here that belongs to nothing",
            "A file holds one table of `key: value` lines.",
        )
    else:
        report.error(
            "indent",
            place,
            "this line does not fit the lines above",
            "Indent it as far as its neighbours, with spaces.",
        )


def _colon(place: Place, line: str, report: Report) -> None:
    """A second `: ` on a line is mostly text that needs quotes; a lone key is mostly indented too far."""
    if re.fullmatch(r"\s*(- )?[\w.-]+", line[: place.column - 1]):
        first = Place(
            place.file,
            place.line,
            len(line) - len(line.lstrip()) + 1,
            place.column - 1 - (len(line) - len(line.lstrip())),
        )
        report.error(
            "indent",
            first,
            "this line is indented deeper than the text above lets it be",
            "Indent it as far as its neighbours.",
        )
    else:
        report.error(
            "colon", place, "a colon followed by a space cannot stand in bare text", "Put this text in quotes."
        )


def _starts_oddly(line: str) -> bool:
    """Whether the value on a line begins with a sign that means something to YAML."""
    return re.match(r"\s*(- )?([\w.-]+:\s+)?[\[{\"'*&!|>%@`]", line) is not None
