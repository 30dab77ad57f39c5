"""Talk files and bare transcripts read into a Talk, with every fault of the file at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from engine.errors import AuthorError, Finding, Position
from engine.talk import given, meant, model, spoken
from engine.talk.scan import Fault, Scanner, suggest
from engine.talk.speakers import USUAL, Side, Speakers, stranger

LONGEST: Final = 512 * 1024
"""Code points that a talk file may have."""

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_HEAD: Final = re.compile(r"\s*([^\W\d_]+)")

KINDS: Final[dict[str, Callable[[Scanner, Position], model.Line]]] = {
    "given": given.given,
    "agent": spoken.agent,
    "caller": spoken.caller,
    "acts": spoken.acts,
    "keys": spoken.keys,
    "silence": spoken.silence,
    "records": spoken.records,
    "hangs": spoken.hangs,
    "expect": meant.expect,
}
"""Every kind of line by its first word."""


class TalkError(AuthorError):
    """Lines of a talk cannot be read; `talk` holds the others."""

    def __init__(self, findings: tuple[Finding, ...], talk: model.Talk) -> None:
        super().__init__(findings)
        self.talk = talk


def by_place(finding: Finding) -> tuple[int, int]:
    """The order in which findings of one file are told."""
    return finding.at.line, finding.at.column


def read_talk(text: str, file: str = "?", speakers: Speakers = USUAL) -> model.Talk:
    """The conversation in `text`; `file` is its name in errors, `speakers` names the sides of a transcript.

    Raises TalkError with all faults by line, and AuthorError for a text that is too long.
    """
    if len(text) > LONGEST:
        message = f"a talk file has at most {LONGEST} characters"
        hint = "Put each conversation into a file of its own."
        raise AuthorError((Finding("talk.size", "error", message, Position(file), hint),))
    sources = _NEWLINE.split(text.removeprefix("\ufeff"))
    if sources and not sources[-1]:
        sources.pop()
    lines: list[model.Line] = []
    findings: list[Finding] = []
    for number, source in enumerate(sources, start=1):
        try:
            lines.append(_line(source, Position(file, number, _indent(source) + 1), speakers))
        except Fault as fault:
            at = Position(file, number, fault.start + 1)
            findings.append(Finding(fault.code, "error", fault.message, at, fault.hint, source, fault.width))
    findings += _order(lines, sources)
    if not findings and not any(isinstance(line, _SPOKEN) for line in lines):
        hint = "A talk has lines such as `caller: a table for two` and `agent: menu`."
        findings.append(Finding("talk.empty", "error", "nobody says anything here", Position(file), hint))
    if findings:
        raise TalkError(tuple(sorted(findings, key=by_place)), model.Talk(tuple(lines), file))
    return model.Talk(tuple(lines), file)


def _indent(source: str) -> int:
    return len(source) - len(source.lstrip())


def _line(source: str, at: Position, speakers: Speakers) -> model.Line:
    stripped = source.strip()
    if not stripped:
        return model.Blank(at)
    if stripped.startswith("#"):
        return model.Comment(stripped[1:].strip(), at)
    turn = speakers.turn(source)
    if turn:
        return _bare(Scanner(source, turn[2]), turn[0], turn[1], at)
    scanner = Scanner(source)
    if scanner.take("="):
        return meant.pins(scanner, at)
    head = _HEAD.match(source)
    word = head.group(1) if head else ""
    if word not in KINDS:
        shown = re.match(r"\S*", stripped)
        width = len(shown.group()) if shown else 1
        name = stranger(source)
        otherwise = speakers.advice(name) if name else ""
        hint = suggest(word, tuple(KINDS), otherwise or f"Lines start with `#`, `=`, {', '.join(map(_code, KINDS))}.")
        raise Fault("talk.line", "no line starts like this", at.column - 1, width, hint)
    scanner.at = head.end() if head else 0
    return KINDS[word](scanner, at)


def _code(word: str) -> str:
    return f"`{word}`"


def _bare(scanner: Scanner, side: Side, speaker: str, at: Position) -> model.Line:
    """A line of a transcript: its words are taken as they are."""
    if scanner.done:
        raise scanner.fault(f"the words of `{speaker}` are missing here", code="talk.words")
    if side == "caller":
        staged = spoken.staged(scanner, at, None)
        return staged or model.CallerSays(scanner.rest(), bare=True, at=at)
    start = scanner.at
    words = scanner.rest()
    if not any(sign.isalnum() for sign in words):
        raise Fault("talk.text", "this text holds no word", start, len(words))
    return model.AgentSays(None, (words,), bare=True, at=at)


_GIVEN: Final = (
    model.GivenFlow,
    model.GivenLanguage,
    model.GivenVariant,
    model.GivenNow,
    model.GivenCaller,
    model.GivenCalled,
    model.GivenSpeech,
    model.GivenTool,
)
_CALLER: Final = (
    model.CallerSays,
    model.CallerMeans,
    model.CallerKeys,
    model.CallerSilent,
    model.CallerRecords,
    model.CallerHangsUp,
)
_SPOKEN: Final = (model.AgentSays, *_CALLER)


def _order(lines: list[model.Line], sources: list[str]) -> list[Finding]:
    """What is wrong between lines: givens too late or twice, pins of nothing, words after the caller hung up."""
    findings: list[Finding] = []
    seen: dict[object, int] = {}
    begun = asked = gone = False

    def fault(code: str, message: str, line: model.Line, hint: str) -> None:
        source = sources[line.at.line - 1]
        width = len(source.strip())
        findings.append(Finding(code, "error", message, line.at, hint, source, width))

    for line in lines:
        if isinstance(line, _GIVEN):
            key = line.tool if isinstance(line, model.GivenTool) else type(line)
            if begun:
                fault("talk.order", "`given` comes after the conversation has begun", line, "Move it to the top.")
            if key in seen:
                hint = "Take one of the two away."
                if isinstance(line, model.GivenTool):
                    hint = "Several answers of one tool are joined: `full, then free`."
                fault("talk.twice", f"this was given in line {seen[key]} already", line, hint)
            seen.setdefault(key, line.at.line)
        elif isinstance(line, _CALLER):
            if gone:
                fault("talk.order", "the caller has hung up above", line, "`hangs up` is the caller's last line.")
            begun, asked, gone = True, True, gone or isinstance(line, model.CallerHangsUp)
        elif isinstance(line, model.Pins) and not asked:
            fault("talk.order", "there is no line of the caller above that this is about", line, "")
        elif isinstance(line, model.AgentSays | model.ExpectEnd | model.ExpectCalls | model.ExpectSlot):
            begun = True
    return findings
