"""The lines that come first: what the world is like before the call."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from engine.errors import Position
from engine.talk import model
from engine.talk.scan import NAME, Fault, Scanner, suggest

_MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?!\S)")
_LETTERS: Final = re.compile(r"[A-Za-z]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ()-]*")


def given(scanner: Scanner, at: Position) -> model.Line:
    start = scanner.at
    name = scanner.name("what is given")
    setting = _SETTINGS.get(name)
    if setting:
        scanner.take(":")
        return setting(scanner, at)
    if not scanner.take(":"):
        hint = suggest(name, tuple(_SETTINGS), "A tool's answers follow a colon: `given find_table: free`.")
        raise Fault("talk.given", f"`given {name}` is not known", scanner.text.index(name, start), len(name), hint)
    answers = [_answer(scanner, at)]
    while scanner.take(","):
        scanner.take_word("then")
        answers.append(_answer(scanner, at))
    scanner.end("Answers are joined by `, then`.")
    return model.GivenTool(name, tuple(answers), at)


def _answer(scanner: Scanner, at: Position) -> model.Answer:
    scanner.skip()
    column = scanner.at + 1
    outcome = scanner.name("an outcome")
    values: list[tuple[str, model.Value]] = []
    if scanner.take("("):
        while not scanner.take(")"):
            if values:
                scanner.need(",", "between two values")
            values.append(_named(scanner, values[-1] if values else None))
    after = scanner.duration() if scanner.take_word("after") else None
    return model.Answer(outcome, tuple(values), after, Position(at.file, at.line, column))


def _named(scanner: Scanner, before: tuple[str, model.Value] | None) -> tuple[str, model.Value]:
    """`name=value`; what follows a value without a name is taken for a list whose brackets are missing."""
    name = scanner.match(NAME)
    if name is None:
        hint = "Values are written `name=value`."
        if before is not None and isinstance(before[1], str):
            hint = f"A list stands in brackets: `{before[0]}=[{before[1]}, …]`."
        raise scanner.fault("this value has no name", hint)
    scanner.need("=", f"after `{name}`")
    return name, scanner.value(f"the value of `{name}`")


def _given_flow(scanner: Scanner, at: Position) -> model.Line:
    path = scanner.scalar("the flow's path")
    scanner.end()
    return model.GivenFlow(path, at)


def _given_now(scanner: Scanner, at: Position) -> model.Line:
    day = _weekday(scanner)
    scanner.skip()
    start = scanner.at
    text = scanner.rest()
    found = _MOMENT.fullmatch(text)
    hint = "Write it like `2026-10-01 09:05` or `Thursday 2026-10-01 09:05`; it is in the flow's time zone."
    if not found:
        raise Fault("talk.now", f"`{text}` is not a date and a time", start, len(text), hint)
    try:
        moment = datetime.fromisoformat(f"{found.group(1)}T{found.group(2)}")
    except ValueError as error:
        raise Fault("talk.now", f"`{text}` does not exist: {error}", start, len(text), hint) from None
    if day is not None and WEEKDAYS.index(day[0]) != moment.weekday():
        real = WEEKDAYS[moment.weekday()]
        raise Fault("talk.now", f"{moment:%Y-%m-%d} is no {day[0]}", *day[1:], f"It is a {real}.")
    return model.GivenNow(moment, day is not None, at)


def _weekday(scanner: Scanner) -> tuple[str, int, int] | None:
    """A weekday before the date, with its place: it may be short, as `Thu`."""
    scanner.skip()
    start = scanner.at
    word = (scanner.match(_LETTERS) or "").lower()
    found = [name for name in WEEKDAYS if len(word) >= 3 and name.lower().startswith(word)]
    if len(found) != 1:
        scanner.at = start
        return None
    return found[0], start, len(word)


def _given_language(scanner: Scanner, at: Position) -> model.Line:
    found = scanner.match(_LANGUAGE)
    if found is None:
        raise scanner.fault("a language is missing here", "Write it like `de` or `en-GB`.")
    scanner.end()
    return model.GivenLanguage(found, at)


def _given_variant(scanner: Scanner, at: Position) -> model.Line:
    found = scanner.match(NAME)
    if found is None:
        raise scanner.fault("a variant is missing here", "Write its name as it stands under `variants` in the flow.")
    scanner.end()
    return model.GivenVariant(found, at)


def _number(scanner: Scanner) -> str:
    found = scanner.match(_NUMBER)
    if found is None:
        raise scanner.fault("a telephone number is missing here", "Write it like `+441632960123`, or `withheld`.")
    scanner.end()
    return re.sub(r"[^0-9+]", "", found)


def _given_caller(scanner: Scanner, at: Position) -> model.Line:
    if scanner.take_word("withheld"):
        scanner.end()
        return model.GivenCaller(None, at)
    return model.GivenCaller(_number(scanner), at)


def _given_called(scanner: Scanner, at: Position) -> model.Line:
    return model.GivenCalled(_number(scanner), at)


def _given_speech(scanner: Scanner, at: Position) -> model.Line:
    opened = scanner.take_word("yes")
    if not opened and not scanner.take_word("no"):
        raise scanner.fault("`yes` or `no` is missing here", "Whether the line's recogniser can hear any words.")
    scanner.end()
    return model.GivenSpeech(opened, at)


_SETTINGS: Final[dict[str, Callable[[Scanner, Position], model.Line]]] = {
    "flow": _given_flow,
    "language": _given_language,
    "now": _given_now,
    "caller": _given_caller,
    "called": _given_called,
    "open_speech": _given_speech,
    "variant": _given_variant,
}
