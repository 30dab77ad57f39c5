"""How a missing item is come by: what a caller would say, or what a tool would answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.coverage.items import ANYWHERE, WAY_OUT, Item, tool_at
from engine.dialogue.machine import Compiled
from engine.flow.model import ListenStep

_GLOBALS: Final[Mapping[str, str]] = {
    "operator": "asks for a person", "help": "asks for help", "repeat": "asks to hear it again",
    "slower": "asks to speak more slowly", "back": "wants to go back", "start_over": "wants to start over",
    "never_mind": "says never mind", "hold_on": "asks us to wait", "goodbye": "says goodbye",
}  # fmt: skip
_REASONS: Final[Mapping[str, str]] = {
    "closed": "one at which `{open}` is closed", "past": "one that has gone", "too_far": "one too far ahead",
    "too_soon": "one too soon", "too_small": "one below the least", "too_big": "one above the most",
    "step": "one between two steps", "too_short": "too few digits", "too_many_digits": "too many digits",
    "future": "a day that has not been", "too_long_ago": "a day far too long ago",
}  # fmt: skip
_STATES: Final[Mapping[str, str]] = {
    "pick": "two values are possible (`acts: fill({slot}, [ONE, OTHER])`)",
    "verify": "the value was hardly understood (`acts: fill({slot}, VALUE, confidence=0.2)`)",
    "offer": "a value is there from before: the caller's number, or an earlier booking",
    "limit": "a value is past the limit",
    "ask": "the caller has not said it yet",
    "which": "the caller says no and nothing more",
}
_TRIGGERS: Final[Mapping[str, str]] = {
    "yes": "the caller says yes", "no": "the caller says no", "recorded": "the caller leaves a message",
    "corrected": "the caller says another value", "beyond": "the caller says yes to a value past the limit",
    "answered": "the caller answers",
}  # fmt: skip


def hint(compiled: Compiled, item: Item) -> str:
    """What makes it happen, in a sentence without a full stop."""
    flow = compiled.flow
    match item.kind:
        case "step":
            return f"no talk comes to `{item.place}`"
        case "transition":
            return _transition(compiled, item)
        case "rung":
            return _rung(item)
        case "outcome":
            return f"`given {tool_at(compiled, item.place)}: {item.what}`"
        case "transfer":
            closed = "`given now` at a moment when nobody answers"
            return closed if item.what == "closed" else f"`given transfer: {item.what}`"
        case "rejection":
            slot = flow.slots[item.place]
            shown = _REASONS.get(item.what, f"one that the rule `{item.what}` refuses").format(open=slot.open)
            return f"when `{item.place}` is asked, the caller says {shown}"
        case "correction":
            return f"at `{item.place}` the caller says `{item.what}` again, with another value"
        case "global":
            return f"at `{item.place}` the caller {_GLOBALS[item.what]} (`acts: {item.what}`)"
        case "answer":
            return _phrase(flow.answers[item.place].hear)
        case "wording":
            return f"wording {item.what} of `{item.place}` is never heard"


def _rung(item: Item) -> str:
    if item.what == WAY_OUT:
        return f"the caller is not understood at `{item.place}` until the ladder ends"
    ladder, _, number = item.what.partition(" ")
    what = "says nothing (`silence`)" if ladder == "noinput" else "is not understood (`acts: nothing`)"
    times = {"1": "once", "2": "twice"}.get(number, f"{number} times")
    return f"the caller {what} at `{item.place}` {times}"


def _transition(compiled: Compiled, item: Item) -> str:
    way, _, dest = item.what.partition(" → ")
    if item.place == ANYWHERE:
        return _phrase(compiled.flow.anywhere[way].hear)
    node = compiled.nodes[item.place]
    if isinstance(node.step, ListenStep):
        return _phrase(node.step.intents[way].hear)
    word = dest.rpartition("/")[2].partition(".")[0]
    if way == "next" and word in _STATES:
        return f"`{dest}`: " + _STATES[word].format(slot=compiled.nodes[dest].slot)
    if way == "no" and word == "which":
        return _STATES["which"]
    return _TRIGGERS.get(way, f"`{item.place}` goes on to `{dest}` {way}".removesuffix(" next"))


def _phrase(hear: tuple[str, ...]) -> str:
    plain = next((text for text in hear if "{" not in text), hear[0] if hear else "")
    return f"the caller says “{plain}”"


def headline(compiled: Compiled, item: Item) -> str:
    """What a conversation is about that was made for an item: a title for its talk."""
    place = item.place.replace("/", ", ")
    match item.kind:
        case "step":
            return f"A call that comes to {place}"
        case "transition":
            way, _, dest = item.what.partition(" → ")
            if item.place == ANYWHERE:
                return f"Out of the blue: {way}"
            return f"From {place} to {dest.replace('/', ', ')}" + ("" if way == "next" else f": {way}")
        case "rung":
            if item.what == WAY_OUT:
                return f"The ladder at {place} ends"
            ladder, _, number = item.what.partition(" ")
            said = "Silence" if ladder == "noinput" else "Not understood"
            return f"{said} at {place}" + (f", {number} times" if number != "1" else "")
        case "outcome":
            return f"{tool_at(compiled, item.place)} answers {item.what} at {place.partition(',')[0]}"
        case "rejection":
            return f"A refused {place}: {item.what}"
        case "correction":
            return f"Another {item.what} at {place}"
        case "global":
            return f"At {place} the caller {_GLOBALS[item.what]}"
        case _:
            return f"{_HEADS[item.kind]} {place}" + (f": {item.what}" if item.what else "")


def short_name(item: Item) -> str:
    """The same in the few words of a file's name."""
    what = item.what.partition(" → ")[0]
    return f"{what or item.kind} {item.place}" if what != "next" else f"to {item.what.partition(' → ')[2]}"


_HEADS: Final[Mapping[str, str]] = {
    "transfer": "The telephone at",
    "answer": "A question about",
    "wording": "Another wording of",
}
