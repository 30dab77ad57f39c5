"""What was meant and what must hold: acts, pins and expectations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from engine.acts import GLOBALS
from engine.errors import Position
from engine.talk import model
from engine.talk.scan import Fault, Scanner, suggest

_ARITY: Final[Mapping[str, int]] = {
    "fill": 2, "add": 2, "exclude": 2, "want": 1, "ask": 1, "affirm": 0, "deny": 0, **dict.fromkeys(GLOBALS, 0),
}  # fmt: skip
_ARGUMENTS: Final = {
    "fill": "`fill(slot, value)`",
    "add": "`add(slot, value)`",
    "exclude": "`exclude(slot, value)`",
    "want": "`want(intent)`",
    "ask": "`ask(answer)`",
}
_COUNTS: Final = {"never": 0, "once": 1, "twice": 2}
_CONFIDENCE: Final = re.compile(r"(?:0(?:\.[0-9]{1,4})?|1(?:\.0)?)(?![\w.])")
_TIMES: Final = re.compile(r"[0-9]{1,4}(?!\S)")


def acts_of(scanner: Scanner, at: Position) -> tuple[model.ActText, ...]:
    """Acts joined by commas, or `nothing`."""
    if scanner.take_word("nothing"):
        scanner.end("`nothing` stands alone: the caller was not understood.")
        return ()
    found = [_act(scanner, at)]
    while scanner.take(","):
        found.append(_act(scanner, at))
    scanner.end("Acts are joined by commas.")
    return tuple(found)


def _act(scanner: Scanner, at: Position) -> model.ActText:
    scanner.skip()
    start = scanner.at
    name = scanner.name("an act")
    if name not in _ARITY:
        hint = suggest(name, tuple(_ARITY), f"Acts are {', '.join(_ARITY)}.")
        raise Fault("talk.act", f"`{name}` is no act", start, len(name), hint)
    values: list[model.Value] = []
    confidence: float | None = None
    if scanner.take("("):
        while not scanner.take(")"):
            if values or confidence is not None:
                scanner.need(",", f"between the arguments of `{name}`")
            if _named_confidence(scanner):
                confidence = _confidence(scanner)
            else:
                values.append(scanner.value(f"an argument of `{name}`"))
    several = name in ("fill", "add") and len(values) > 2  # lists of which the caller may mean one
    if (len(values) != _ARITY[name] and not several) or any(isinstance(value, tuple) for value in values[:1]):
        wanted = _ARGUMENTS.get(name, f"`{name}` without brackets")
        raise Fault("talk.act", f"`{name}` is written {wanted}", start, scanner.at - start)
    at = Position(at.file, at.line, start + 1)
    return model.ActText(name, tuple(values), 1.0 if confidence is None else confidence, at)


def _named_confidence(scanner: Scanner) -> bool:
    start = scanner.at
    if scanner.take_word("confidence") and scanner.take("="):
        return True
    scanner.at = start
    return False


def _confidence(scanner: Scanner) -> float:
    found = scanner.match(_CONFIDENCE)
    if found is None:
        raise scanner.fault("a confidence lies between 0 and 1")
    return float(found)


def pins(scanner: Scanner, at: Position) -> model.Line:
    """After `=`: names with values, joined by commas."""
    found = [_pin(scanner, at)]
    while scanner.take(","):
        found.append(_pin(scanner, at))
    scanner.end("Pins are joined by commas.")
    return model.Pins(tuple(found), at)


def _pin(scanner: Scanner, at: Position) -> model.Pin:
    scanner.skip()
    column = scanner.at + 1
    excluded = scanner.take_word("not")
    name = scanner.name("the name of a slot or act")
    value = None if scanner.done or scanner.sees(",") else scanner.value(f"the value of `{name}`")
    return model.Pin(name, value, excluded, Position(at.file, at.line, column))


def expect(scanner: Scanner, at: Position) -> model.Line:
    """`end STEP`, `slot NAME VALUE`, `TOOL once with name=value`."""
    if scanner.take_word("end"):
        where = None if scanner.done else scanner.name("a step")
        scanner.end()
        return model.ExpectEnd(where, at)
    if scanner.take_word("slot"):
        return _expect_slot(scanner, at)
    tool = scanner.name("`end`, `slot` or a tool")
    times = _times(scanner)
    values: list[tuple[str, model.Value]] = []
    if scanner.take_word("with"):
        while not values or not scanner.done:
            if values:
                scanner.take(",")
            name = scanner.name("the name of a value")
            scanner.need("=", f"after `{name}`")
            values.append((name, scanner.value(f"the value of `{name}`", spaced=False)))
    scanner.end()
    return model.ExpectCalls(tool, times, tuple(values), at)


def _times(scanner: Scanner) -> int:
    for word, times in _COUNTS.items():
        if scanner.take_word(word):
            return times
    found = scanner.match(_TIMES)
    if found is None or not scanner.take_word("times"):
        raise scanner.fault("how often is missing here", "Write `never`, `once`, `twice` or `3 times`.")
    return int(found)


def _expect_slot(scanner: Scanner, at: Position) -> model.Line:
    slot = scanner.name("a slot")
    value: model.Value | None = None
    status = _status(scanner)
    if status is None:
        value = scanner.value(f"a value or status of `{slot}`", spaced=False)
        status = _status(scanner)
    scanner.end("A value with spaces stands in quotes.")
    return model.ExpectSlot(slot, value, status, at)


def _status(scanner: Scanner) -> str | None:
    return next((status for status in model.STATUSES if scanner.take_word(status)), None)
