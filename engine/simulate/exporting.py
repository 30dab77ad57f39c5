"""A kept call on its way to a talk: what has been written so far, and the caller's turns without what is private."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from engine import acts, effects, events
from engine.acts import Act, Exclude, Fill
from engine.dialogue.values import plausible, show_act, written
from engine.effects import Listen, Say
from engine.flow.model import Flow
from engine.simulate.kept import Kept, Turn
from engine.simulate.review import name_of, pins_of
from engine.simulate.stage import Stage
from engine.talk import model
from engine.talk.meant import acts_of
from engine.talk.scan import Scanner
from engine.watch.encoding import MASK

PRIVATE: Final = ("person_name", "phone", "date_of_birth", "email", "address", "postcode", "text")
"""Types whose values are made up where private values are to be masked, beside slots that the flow calls sensitive."""
_LONG_NUMBER: Final = re.compile(r"\d(?:[ -]?\d){4,}")


_MADE_UP: Final[Mapping[str, tuple[object, ...]]] = {
    "phone": ("+441632960987", "+441632960456"),
    "date_of_birth": (date(1980, 1, 31), date(1975, 5, 2)),
}


def made_up(kind: str, now: datetime, number: int = 0) -> object:
    """Some value of a type in place of a private one, and another for the next number; a telephone number is not the
    one that the line presents."""
    values = _MADE_UP.get(kind, ())
    return values[number % len(values)] if values else plausible(kind, now)


@dataclass(slots=True)
class Writing:
    """One call being written. `mask` makes all private values up."""

    call: Kept
    stage: Stage
    mask: bool
    answers: dict[str, dict[int, model.Answer]] = field(default_factory=dict)
    """By tool and by the act that was answered, in the order in which they were begun."""
    acting: dict[int, tuple[Turn, str]] = field(default_factory=dict)
    """Acts under way: when each began, and its tool."""
    saying: set[int] = field(default_factory=set)
    lines: list[model.Line] = field(default_factory=list)
    listen: Listen | None = None
    asked: str | None = None
    began: timedelta = timedelta()
    spoken: timedelta = timedelta()
    say: Say | None = None
    after: float | None = None
    ended: str | None = None
    made: Counter[str] = field(default_factory=Counter)
    """How many values of a slot were made up, so that a correction is another value."""
    commits: list[effects.Act] = field(default_factory=list)

    @property
    def flow(self) -> Flow:
        return self.stage.flow


def heard_lines(writing: Writing, turn: Turn, event: events.Heard, after: float | None) -> Iterator[model.Line]:
    found = tuple(_told(writing, turn, act) for act in event.acts)
    if found == event.acts and MASK[0] not in event.words and event.words and not _unsaid(writing, event, found):
        listen = writing.listen
        said = () if listen is None else writing.stage.understand(event.words, listen.expecting, turn.at).acts
        if listen is None or [_gist(act) for act in said] == [_gist(act) for act in event.acts]:
            yield model.CallerSays(event.words, after)
            if _pinned(found):
                yield model.Pins(pins_of(found, writing.flow))
            return
        yield model.Comment(f'"{event.words}"')
    kinds = {name: slot.type for name, slot in writing.flow.slots.items()}
    shown = ", ".join(show_act(act, kinds) for act in found) or "nothing"
    yield model.CallerMeans(acts_of(Scanner(shown), model.NOWHERE), after)


def _unsaid(writing: Writing, event: events.Heard, found: Sequence[Act]) -> bool:
    """Whether words may hold something private that no act shows: an answer to a private question, and with `mask` any
    words that were not understood, and any long number."""
    if writing.mask and (not found or _LONG_NUMBER.search(event.words)):
        return True
    slot = writing.flow.slots.get(writing.asked or "")
    private = slot is not None and (slot.sensitive or (writing.mask and slot.item in PRIVATE))
    return private and not found


def _pinned(found: Sequence[Act]) -> bool:
    """Whether a pin says the same in every run: one value for each slot."""
    return all(len(act.candidates) == 1 for act in found if isinstance(act, Fill))


def _told(writing: Writing, turn: Turn, act: Act) -> Act:
    """The act without what is not to be told."""
    if not isinstance(act, Fill | Exclude) or act.slot not in writing.flow.slots:
        return act
    slot = writing.flow.slots[act.slot]
    if not (turn.masked and slot.sensitive) and not (writing.mask and (slot.sensitive or slot.item in PRIVATE)):
        return act
    first = writing.made[slot.name]
    if isinstance(act, Fill):
        writing.made[slot.name] += 1
        values = [made_up(slot.type, turn.at, first + place) for place in range(len(act.candidates))]
        return replace(act, candidates=tuple(dict.fromkeys(values)), span=acts.KEYED)
    return replace(act, value=made_up(slot.type, turn.at, first), span=acts.KEYED)


def _gist(act: Act) -> tuple[object, ...]:
    """What of an act decides how the call goes on."""
    sure = act.confidence >= acts.SURE
    match act:
        case Fill(slot, candidates):
            return "fill", slot, candidates, sure
        case Exclude(slot, value):
            return "exclude", slot, value, sure
        case _:
            return type(act).__name__, name_of(act)


def key_lines(writing: Writing, turn: Turn, keys: str, after: float | None) -> Iterator[model.Line]:
    """Keys as they were; those of a private answer are made up, as an act."""
    slot = writing.flow.slots.get(writing.asked or "")
    hidden = MASK[0] in keys
    private = hidden or (writing.mask and slot is not None and slot.item in PRIVATE and len(keys) > 1)
    if not private or slot is None:
        yield model.CallerKeys(keys, after)
        return
    if len(keys) == 1:
        yield model.CallerKeys(_single(turn, slot.name), after)
        return
    value = written(slot.type, made_up(slot.type, turn.at))
    yield model.CallerMeans((model.ActText("fill", (slot.name, value)),), after)


def _single(turn: Turn, asked: str) -> str:
    """The one key that was pressed at a private question: yes or no, by what became of it."""
    said = [prompt.id for effect in turn.effects if isinstance(effect, Say) for prompt in effect.prompts]
    return "2" if any(name == f"{asked}.ask" for name in said) else "1"
