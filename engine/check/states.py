"""Conversations put together by hand: as they would be where a proof says that one can come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from engine.check.explore import Space
from engine.check.moves import Where
from engine.check.replay import Scene, returned
from engine.check.slices import SlotKnown
from engine.dialogue.asking import ask
from engine.dialogue.draft import VERIFY_BELOW, Draft
from engine.dialogue.machine import Kind
from engine.dialogue.state import EMPTY, SlotState, State, new_state
from engine.effects import Act, Effect

_STATUS = {"e": "empty", "p": "proposed", "v": "valid", "c": "confirmed"}


@lru_cache(maxsize=8)
def _plain(where: Scene) -> State:
    """A call under way, with everything that tools bring."""
    compiled = where.compiled
    results = {
        name: returned(where, Act(0, tool.name, {}, ""), outcome).values[name]
        for tool in compiled.flow.tools.values()
        for outcome, values in tool.outcomes.items()
        for name in values
    }
    return replace(new_state(compiled, "proof"), results=results, started=where.now, caller=where.caller)


def at(where: Scene, position: str, place: Where, slots: Mapping[str, SlotState]) -> State:
    """A call that has just come to a position, where nothing was said yet."""
    return replace(_plain(where), position=position, form=place.form, home=place.home, slots=dict(slots))


def asked(where: Scene, state: State) -> tuple[State, tuple[Effect, ...]]:
    """The call once it has asked the question of its position."""
    draft = Draft(where.compiled, state, where.now)
    ask(draft)
    return draft.finish()


def slot_states(known: SlotKnown, good: tuple[object, ...], bad: tuple[object, ...]) -> Iterator[SlotState]:
    """Every kind of slot that a proof means by `known`, with the first of its `good` values."""
    if known.skipped:
        yield replace(EMPTY, skipped=True)
        return
    if not good:
        yield EMPTY
        return
    status, value = _STATUS[known.status], good[0] if known.valued else None
    state = SlotState(status, value, 1, verified=known.status == "c")  # type: ignore[arg-type]
    if known.refused:
        yield replace(state, refused="unknown", candidates=(bad or good)[:1])
    elif known.status == "p" and not known.valued:
        yield replace(state, candidates=good[:1])
        if len(good) > 1:
            yield replace(state, candidates=good)
    elif known.status == "v":
        yield replace(state, verified=True)
        yield replace(state, confidence=VERIFY_BELOW / 2)
    else:
        yield state


def fits(kind: Kind, state: SlotState, offered: bool) -> bool:
    """Whether a slot can look like this where it is asked about in this way; `offered` says that the caller's own
    number may be proposed for it."""
    match kind:
        case "offer":
            return offered or (state.value is not None and not state.candidates)
        case "verify" | "limit":
            return state.value is not None
        case "pick":
            return len(state.candidates) > 1 and state.refused is None
    return True


def seen_at(space: Space) -> Iterator[tuple[str, Where, SlotKnown]]:
    """Positions with what is known of a slot there, each once, in the form that the position belongs to."""
    found: set[tuple[str, SlotKnown]] = set()
    for position, where, known in space.came:
        assert isinstance(known, SlotKnown)
        if (position, known) not in found:
            found.add((position, known))
            yield position, where, known
