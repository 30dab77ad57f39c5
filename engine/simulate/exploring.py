"""Looks for a conversation that lives through each thing that can happen, by trying the real engine out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final

from engine.acts import GLOBALS, Affirm, Ask, Deny, Fill, Global, Want
from engine.acts import Act as CallerAct
from engine.check.moves import Course
from engine.check.replay import Scene, Trial, begin, play, returned
from engine.check.showing import scenes
from engine.check.values import Samples, samples
from engine.coverage.items import WAY_OUT, Item
from engine.coverage.reach import unreachable
from engine.coverage.watch import Watch
from engine.dialogue.state import State
from engine.dialogue.values import typed, written
from engine.effects import Act, Listen, LookUp, Record, Transfer
from engine.events import Event, Heard, Recorded, Silence, Transferred
from engine.flow.model import TRANSFER_OUTCOMES, Flow, FormStep, ListenStep
from engine.simulate.sayings import Sayings
from engine.simulate.stage import Stage
from engine.slots.registry import Context

MOST_STEPS: Final = 30_000
"""How many steps are tried in one scene."""
UNSURE: Final = 0.2
"""Confidence of a value that is asked back."""
_STALE: Final = 12
"""What a conversation that shows nothing new costs more than one that does."""
_OFFERED: Final = 2
"""How many values a tool offers."""
_NOISE: Final = 3
"""What each failure in a conversation costs: failing leads to little that is new."""
_SECOND: Final = 3
"""Conversations with a booking behind them from which a second one is looked for."""


@dataclass
class Found:
    """For each item a conversation that comes to it, as short as the search found one."""

    possible: frozenset[Item]
    """All that is not proven to be out of reach."""
    ways: dict[Item, tuple[Scene, Trial]] = field(default_factory=dict)

    def at(self, item: Item) -> tuple[Scene, Trial]:
        return self.ways[item]


def places(stage: Stage, sayings: Sayings) -> tuple[Scene, ...]:
    """When callers call, and what they say: an open hour and a closed one."""
    found: list[Scene] = []
    for where in scenes(Course(stage.compiled)):
        values = {name: _voiced(sayings, name, one, where.now) for name, one in where.values.items()}
        found.append(replace(where, values=values, results=_offers(stage, where.now) | dict(where.results)))
    return tuple(found)


def _offers(stage: Stage, now: datetime) -> dict[str, object]:
    """Lists that tools bring: other values than those that callers ask for first."""
    more = samples(stage.compiled, now, 2 * _OFFERED)
    found: dict[str, object] = {}
    for name, kind in stage.compiled.result_types.items():
        plain = kind.removesuffix(" list")
        same = [more[slot.name].good for slot in stage.flow.slots.values() if slot.type == plain]
        if kind != plain and same and len(same[0]) == 2 * _OFFERED:
            found[name] = same[0][_OFFERED:]
    return found


def _voiced(sayings: Sayings, name: str, values: Samples, now: datetime) -> Samples:
    good = tuple(sayings.voiced(name, value, now) for value in values.good)
    return replace(values, good=tuple(dict.fromkeys(good)))


def explore_items(watch: Watch, where_from: Sequence[Scene], most: int = MOST_STEPS) -> Found:
    """Conversations to everything that was found to be possible. Deterministic."""
    found = Found(frozenset(watch.possible) - unreachable(watch.compiled))
    for where in where_from:
        here = replace(where, compiled=watch.compiled)
        watch.begin()
        first = begin(here)
        found.ways.update({item: (here, first) for item in see(watch, first) if item not in found.ways})
        _search(here, watch, found, [first], most)
    here = next(iter(found.ways.values()))[0]
    again = [trial for where, trial in found.ways.values() if where is here and trial.state.instance > 1]
    _search(here, watch, found, sorted(again, key=lambda trial: trial.length)[:_SECOND], most)
    _fall_silent(watch, found)
    return found


def _fall_silent(watch: Watch, found: Found) -> None:
    """The ways out of ladders whose rungs are shared with other steps: silence until the call moves on."""
    for item in sorted(found.possible - set(found.ways)):
        there = found.ways.get(Item("global", item.place, "repeat"))
        if item.what != WAY_OUT or there is None or there[1].before is None:
            continue
        where, trial = there[0], there[1].before
        while isinstance(trial.state.waiting, Listen) and trial.state.position.partition("/")[0] == item.place:
            trial = play(where, trial, Silence(trial.state.waiting.turn))
            found.ways.update({one: (where, trial) for one in see(watch, trial) if one not in found.ways})


def see(watch: Watch, trial: Trial) -> frozenset[Item]:
    """What the last step of a conversation lived through; it must have been played just before."""
    assert trial.before is not None
    assert trial.event is not None
    return watch.see(trial.before.state, trial.event, trial.state, trial.effects)


def _search(where: Scene, watch: Watch, found: Found, first: list[Trial], most: int) -> None:
    """Goes on from the first conversations; from those that showed something new before all others."""
    number = count()
    queue: list[tuple[int, int, Trial]] = [(0, next(number), trial) for trial in first]
    seen: set[Hashable] = set()
    steps = 0
    while queue and steps < most and len(found.ways) < len(found.possible):
        _, _, trial = heappop(queue)
        for event in options(where, trial.state):
            steps += 1
            later = play(where, trial, event)
            items = [item for item in see(watch, later) if item not in found.ways]
            found.ways.update(dict.fromkeys(items, (where, later)))
            mark = _mark(later.state)
            if later.state.ended or (mark in seen and not items):
                continue
            seen.add(mark)
            noise = _NOISE * sum(later.state.counters.values())
            heappush(queue, (later.length + noise + (0 if items else _STALE), next(number), later))


def _mark(state: State) -> Hashable:
    """What tells two conversations apart that are worth going on with."""
    slots = tuple(
        (name, slot.status, slot.refused, slot.skipped, len(slot.candidates) > 1)
        for name, slot in sorted(state.slots.items())
        if slot.status != "empty" or slot.refused
    )
    counters = tuple(sorted((name, min(number, 3)) for name, number in state.counters.items()))
    return state.position, state.form, state.home, slots, counters, state.instance > 1, tuple(sorted(state.results))


# what may happen next


def options(where: Scene, state: State) -> Iterator[Event]:
    """Everything worth trying at this moment, the plain answers first."""
    waiting = state.waiting
    match waiting:
        case Listen():
            for acts in answers(where, state, waiting):
                yield Heard(waiting.turn, "", acts)
            yield Silence(waiting.turn)
        case Act() | LookUp():
            for outcome in where.compiled.flow.tools[waiting.tool].all_outcomes:
                yield returned(where, waiting, outcome)
        case Transfer():
            for outcome in TRANSFER_OUTCOMES:
                yield Transferred(waiting.act, outcome)
        case Record():
            yield from (Recorded(waiting.act, "message.wav", 2.0), Recorded(waiting.act, "", 0.0))


def answers(where: Scene, state: State, listen: Listen) -> Iterator[tuple[CallerAct, ...]]:
    expecting, flow = listen.expecting, where.compiled.flow
    step = flow.steps.get(expecting.step)
    wanted = expecting.intents if isinstance(step, ListenStep) or expecting.kind == "which" else ()
    yield from ((Want(intent),) for intent in wanted)
    if expecting.yes_no:
        yield from ((Affirm(),), (Deny(),))
    yield from _values(where, state, listen)
    yield from ((Global(name),) for name in GLOBALS)
    yield ()
    if isinstance(step, ListenStep) or not any(isinstance(one, ListenStep) for one in flow.steps.values()):
        yield from ((Ask(name),) for name in flow.answers)


def _values(where: Scene, state: State, listen: Listen) -> Iterator[tuple[CallerAct, ...]]:
    expecting = listen.expecting
    values = where.values
    if not isinstance(where.compiled.flow.steps.get(expecting.step), ListenStep):
        left = [name for name in expecting.open if values[name].good and not state.slot(name).settled]
        for names in (left, left[1:]):
            if len(names) > 1:
                yield tuple(Fill(name, values[name].good[:1]) for name in names)
    for name in expecting.open:
        good = values[name].good
        if name == expecting.asked:
            yield from ((Fill(name, (value,)),) for value in expecting.choices)
            for value in (*good, *values[name].past, *odd_values(where, name)):
                yield (Fill(name, (value,)),)
            if len(good) > 1:
                yield (Fill(name, good),)
            yield from ((Fill(name, (value,), confidence=UNSURE),) for value in (*good[:1], *values[name].past))
        elif state.slot(name).settled:
            yield from ((Fill(name, (value,)),) for value in good if value != state.slot(name).value)
        elif isinstance(where.compiled.flow.steps.get(expecting.step), FormStep):
            yield (Fill(name, good[:1]),)
            yield from ((Fill(name, (value,)),) for value in values[name].past)


def odd_values(where: Scene, name: str) -> Iterator[object]:
    """Values that a slot refuses, each for another reason, and those that other refusals need first: such as a talk can
    hold."""
    slot = where.compiled.flow.slots[name]
    context = Context(where.now, where.compiled.flow.language, True, slot.options)
    for value in _odd(where, name):
        with suppress(ValueError):
            if typed(slot.type, written(slot.type, value), context) == value:
                yield value


def _odd(where: Scene, name: str) -> Iterator[object]:
    slot, now = where.compiled.flow.slots[name], where.now
    yield from where.values[name].bad
    match slot.type:
        case "date":
            yield from (now.date() - timedelta(days=1), now.date(), now.date() + timedelta(days=(slot.latest or 0) + 9))
            yield from _shut_days(where.compiled.flow, slot.open, now)
        case "time":
            yield from (time(12, 7), time(3, 0), _earlier(now))
        case "digits":
            longest = int(slot.options.get("length") or slot.options.get("longest") or 4)
            yield "1" * max(1, longest - 2)
        case "date_of_birth":
            yield from (now.date() + timedelta(days=1), date(now.year - 170, 1, 31))


def _shut_days(flow: Flow, calendar: str | None, now: datetime) -> Iterator[date]:
    """The next day on which a calendar is closed."""
    if calendar is not None:
        days = (now.date() + timedelta(days=number) for number in range(1, 14))
        yield from [day for day in days if not flow.calendars[calendar].is_open_day(day)][:1]


def _earlier(now: datetime) -> time:
    """A moment of today that has gone, on a quarter of an hour."""
    gone = now - timedelta(minutes=now.minute % 15 + 15)
    return time(gone.hour, gone.minute)


def counts(found: Found) -> Mapping[str, int]:
    """How many items of each kind were come to."""
    kinds: dict[str, int] = {}
    for item in found.ways:
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    return kinds
