"""Conversations from other systems: plain lines, tables and JSON messages read into a Talk, and made a talk file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from engine.errors import AuthorError, Finding, Position
from engine.talk import model
from engine.talk.reader import LONGEST, read_talk
from engine.talk.speakers import SILENT, USUAL, Side, Speakers

_WHO: Final = ("speaker", "role", "from", "sender", "participant", "who", "author", "channel", "source", "name")
_WORDS: Final = ("text", "content", "utterance", "message", "words", "transcript", "body", "value")
_LISTS: Final = ("messages", "transcript", "turns", "conversation", "utterances", "dialogue", "items", "segments")
_CALLS: Final = ("call_id", "callid", "call", "conversation_id", "conversationid", "session_id", "sessionid", "session")
"""Columns that say which call a row is of."""
_DELIMITERS: Final = (",", ";", "\t", "|")
_MESSAGE: Final = re.compile(r"\s*\[?\s*\{")
_TABLES: Final = (".csv", ".tsv")


def read_conversation(text: str, file: str = "?", speakers: Speakers = USUAL) -> model.Talk:
    """The conversation in `text`, whatever way it is written; the ending of `file` and the text itself say which.

    Raises AuthorError with all faults, by line or row.
    """
    text = text.removeprefix("\ufeff")
    ending = PurePath(file).suffix.lower()
    begins = text.lstrip()[:1]
    if len(text) > LONGEST or not (ending in (*_TABLES, ".json", ".jsonl", ".ndjson") or begins in ("{", "[")):
        return read_talk(text, file, speakers)
    if ending in _TABLES:
        return _gather(_Table(file, speakers).turns(text), file)
    if not ending.startswith((".json", ".ndjson")) and not _MESSAGE.match(text):
        return read_talk(text, file, speakers)
    return _gather(_Messages(file, speakers).turns(text), file)


def as_talk(talk: model.Talk) -> model.Talk:
    """The talk with the lines of a transcript written as those of a talk file: our words become texts that must be
    said."""
    lines: list[model.Line] = []
    for line in talk.lines:
        match line:
            case model.AgentSays(texts=texts, bare=True):
                lines.append(model.AgentSays(None, texts, at=line.at))
            case model.CallerSays(words, after, True):
                lines.append(model.CallerSays(words, after, at=line.at))
            case _:
                lines.append(line)
    return model.Talk(tuple(lines), talk.file)


def _gather(turns: Iterator[model.Line | Finding], file: str) -> model.Talk:
    found = list(turns)
    faults = tuple(one for one in found if isinstance(one, Finding))
    if not faults and not found:
        faults = (_fault(file, 1, "nobody says anything here"),)
    if faults:
        raise AuthorError(faults)
    return model.Talk(tuple(one for one in found if not isinstance(one, Finding)), file)


def _fault(file: str, line: int, message: str, hint: str = "", source: str = "", column: int = 1) -> Finding:
    width = max(1, len(source) - column + 1)
    return Finding("talk.transcript", "error", message, Position(file, line, column), hint, source, width)


def _line(side: Side, words: str, at: Position) -> model.Line | None:
    """A turn as a line of a transcript; None where nothing was said."""
    said = " ".join(words.split())
    if side == "caller" and said:
        return model.CallerSays(said, bare=True, at=at)
    if side == "agent" and any(sign.isalnum() for sign in said):
        return model.AgentSays(None, (said,), True, at)
    return None


class _OneCall:
    """Sees that all rows are of the same call."""

    def __init__(self, file: str) -> None:
        self._file, self._first, self._told = file, "", False

    def see(self, call: object, line: int, number: int) -> Iterator[Finding]:
        name = str(call).strip()
        if self._told or not isinstance(call, str | int) or not name or name == (self._first or name):
            self._first = self._first or (name if isinstance(call, str | int) else "")
            return
        self._told = True
        message = f"row {number} is of another call (`{name}`) than the rows above (`{self._first}`)"
        yield _fault(self._file, line, message, "Put each call into a file of its own.")


class _Table:
    """CSV with a column that says who speaks and one with the words, or with one column of words for each side."""

    def __init__(self, file: str, speakers: Speakers) -> None:
        self._file, self._speakers = file, speakers

    def turns(self, text: str) -> Iterator[model.Line | Finding]:
        first = text.partition("\n")[0].rstrip("\r")
        delimiter = max(_DELIMITERS, key=first.count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            heads = [head.strip().casefold() for head in next(rows, [])]
            columns = self._columns(heads)
            if not columns:
                hint = "Its first row names the columns, such as `speaker,text` or `caller,agent`."
                yield _fault(self._file, 1, "this table does not say who speaks", hint, first)
                return
            named = [head.replace(" ", "_") for head in heads]
            which = next((named.index(name) for name in _CALLS if name in named), len(heads))
            calls = _OneCall(self._file)
            for number, row in enumerate(rows, 2):
                yield from calls.see(row[which] if which < len(row) else None, rows.line_num, number)
                yield from self._row(row, columns, rows.line_num, number)
        except csv.Error as error:
            yield _fault(self._file, rows.line_num, f"this is no table: {error}")

    def _columns(self, heads: Sequence[str]) -> tuple[tuple[Side | int, int], ...]:
        """Who speaks (a side, or the column that says it) and the column of the words."""
        who = next((heads.index(name) for name in _WHO if name in heads), None)
        words = next((heads.index(name) for name in _WORDS if name in heads), None)
        if who is not None and words is not None:
            return ((who, words),)
        sides = [(side, number) for number, head in enumerate(heads) if (side := self._speakers.side(head))]
        return tuple(sides) if len({side for side, _ in sides}) == 2 else ()

    def _row(
        self, row: Sequence[str], columns: Sequence[tuple[Side | int, int]], line: int, number: int
    ) -> Iterator[model.Line | Finding]:
        if not any(cell.strip() for cell in row):
            return
        shown = ", ".join(row)
        for who, words in columns:
            if words >= len(row) or (isinstance(who, int) and who >= len(row)):
                yield _fault(self._file, line, f"row {number} has {len(row)} of the columns only", "", shown)
                return
            side: Side | None = self._speakers.side(row[who]) if isinstance(who, int) else who
            if isinstance(who, int) and side is None:
                if row[who].strip().casefold() not in SILENT:
                    yield _stranger(self._file, line, number, row[who], self._speakers, shown)
            elif side is not None and (found := _line(side, row[words], Position(self._file, line))):
                yield found


def _stranger(file: str, line: int, row: int, name: str, speakers: Speakers, source: str) -> Finding:
    message = f"row {row}: `{name.strip()}` is neither the caller nor the agent"
    return _fault(file, line, message, speakers.advice(name.strip()), source)


class _Messages:
    """JSON: a list of messages, an object that holds such a list, or one message a line."""

    def __init__(self, file: str, speakers: Speakers) -> None:
        self._file, self._speakers, self._calls = file, speakers, _OneCall(file)

    def turns(self, text: str) -> Iterator[model.Line | Finding]:
        try:
            whole = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            yield from self._by_line(text, error)
            return
        if isinstance(whole, Mapping):
            whole = next((whole[name] for name in _LISTS if isinstance(whole.get(name), list)), [whole])
        rows = whole if isinstance(whole, list) else [whole]
        for number, row in enumerate(rows, 1):
            yield from self._row(row, 1, number)

    def _by_line(self, text: str, error: Exception) -> Iterator[model.Line | Finding]:
        """One message a line; where the first line is none, the fault of the whole file is told."""
        for number, source in enumerate(text.splitlines(), 1):
            if not source.strip():
                continue
            try:
                row = json.loads(source)
            except (json.JSONDecodeError, RecursionError) as fault:
                told = error if number == 1 else fault
                line = getattr(error, "lineno", 1) if number == 1 else number
                column = getattr(told, "colno", 1)
                shown = text.splitlines()[line - 1] if line <= len(text.splitlines()) else source
                message = f"this is no JSON: {getattr(told, 'msg', 'too deep').lower()}"
                yield _fault(self._file, line, message, "", shown, column)
                if number == 1:
                    return
            else:
                yield from self._row(row, number, number)

    def _row(self, row: object, line: int, number: int) -> Iterator[model.Line | Finding]:
        shown = json.dumps(row, ensure_ascii=False)[:100]
        if not isinstance(row, Mapping):
            yield _fault(self._file, line, f"row {number} is no message", 'Write `{"role": "user", "content": "…"}`.')
            return
        yield from self._calls.see(next((row[name] for name in _CALLS if name in row), None), line, number)
        who = next((row[name] for name in _WHO if isinstance(row.get(name), str)), None)
        words = next((found for name in _WORDS if (found := _text(row.get(name))) is not None), None)
        if who is None:
            hint = "Messages have `role` and `content`, or `speaker` and `text`."
            yield _fault(self._file, line, f"row {number} does not say who speaks", hint, shown)
        elif who.strip().casefold() in SILENT:
            return
        elif (side := self._speakers.side(who)) is None:
            yield _stranger(self._file, line, number, who, self._speakers, shown)
        elif words is not None and (turn := _line(side, words, Position(self._file, line))):
            yield turn


def _text(value: Any) -> str | None:
    """The words of a message: text, or a list of parts with text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    parts = [part if isinstance(part, str) else part.get("text") for part in value if isinstance(part, str | Mapping)]
    return " ".join(part for part in parts if isinstance(part, str))
