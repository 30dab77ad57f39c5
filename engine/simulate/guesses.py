"""What a masked event may have been: made-up values, one of which leads where the call went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from engine.acts import Act, Exclude, Fill
from engine.dialogue.values import plausible
from engine.effects import Effect, Listen
from engine.events import Digits, Event, Heard, ToolReturned
from engine.flow.model import Flow
from engine.simulate.kept import Turn
from engine.watch.encoding import MASK

_TRIED: Final = 4
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "date_of_birth": ("31011980", "02051975", "01011900", "31012099", "99"),
    "date": ("0101", "9999"),
    "phone": ("01632960123", "+441632960123", "99"),
    "digits": ("4711",),
}
_VALUES: Final[Mapping[str, tuple[object, ...]]] = {
    "date_of_birth": (date(1980, 1, 31), date(1975, 5, 2), date(1900, 1, 1), date(2099, 1, 1)),
    "phone": ("+441632960123", "+441632960987", "99"),
}


def guesses(turn: Turn, asked: str | None, flow: Flow) -> Iterator[Event]:
    """The event as the log has it, then with other values in place of masked ones, the likeliest first."""
    yield turn.event
    match turn.event:
        case Digits(keys=keys) if keys.strip("#").strip(MASK[0]) == "" and MASK[0] in keys:
            slot = flow.slots.get(asked or "")
            kind = slot.type if slot else ""
            width = len(keys)
            likely = [one for one in _KEYS.get(kind, ()) if len(one) == width]
            others = [one for one in _KEYS.get(kind, ()) if len(one) != width]
            short = ["1", "2", "3"] if width == 1 else []
            for guess in (*short, *likely, "1" * width, "0" * width, *others):
                yield replace(turn.event, keys=guess)
        case Heard() if turn.masked:
            for number in range(_TRIED):
                acts = tuple(_act(act, number, turn.at, flow) for act in turn.event.acts)
                yield replace(turn.event, acts=acts)
        case ToolReturned() if turn.masked:
            values = {name: _result(name, value, turn.at, flow) for name, value in turn.event.values.items()}
            yield replace(turn.event, values=values)


def asked_by(found: tuple[Effect, ...], before: str | None) -> str | None:
    """The slot that is asked for after some effects."""
    return next((effect.expecting.asked for effect in reversed(found) if isinstance(effect, Listen)), before)


def _act(act: Act, number: int, at: datetime, flow: Flow) -> Act:
    if not isinstance(act, Fill | Exclude) or act.slot not in flow.slots or not flow.slots[act.slot].sensitive:
        return act
    kind = flow.slots[act.slot].type
    values = _VALUES.get(kind, (plausible(kind, at),))
    if isinstance(act, Fill):
        made = (values[(number + place) % len(values)] for place in range(len(act.candidates)))
        return replace(act, candidates=tuple(made))
    return replace(act, value=values[number % len(values)])


def _result(name: str, value: Any, at: datetime, flow: Flow) -> object:
    kinds = [of[name] for tool in flow.tools.values() for of in tool.outcomes.values() if name in of]
    sensitive = {slot.type for slot in flow.slots.values() if slot.sensitive}
    return plausible(kinds[0], at) if kinds and kinds[0].removesuffix(" list") in sensitive else value
