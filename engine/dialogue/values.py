"""Values of talk files typed by their slot type, written again, and made up where a talk does not say them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from engine.acts import Act, Affirm, Ask, Deny, Exclude, Fill, Global, Range, Want
from engine.kinds import LIST, RANGE, is_list, is_range
from engine.slots.registry import Context, type_of
from engine.talk.model import ActText, Value
from engine.talk.writer import write_act

_STRETCH: Final = ".."
"""Stands between the ends of a range in its exact form; an end that is open is left out."""
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_YES_NO: Final = {"yes": True, "true": True, "no": False, "false": False}


def typed(kind: str, value: Value, context: Context) -> object:
    """The value of a slot type (`date`, `time list`) that a talk file means; in its exact form (`2026-10-03`) or in
    words. Raises ValueError when it is none."""
    if is_list(kind):
        items = (value,) if isinstance(value, str) else value
        return tuple(typed(kind.removesuffix(LIST), item, context) for item in items)
    if not isinstance(value, str):
        raise ValueError(f"one {kind} is wanted here, not a list")
    try:
        slot_type = type_of(kind)
    except KeyError:
        return value
    if is_range(kind) and _STRETCH in value:
        first, _, last = value.partition(_STRETCH)
        ends = (typed(kind.removesuffix(RANGE), end, context) if end.strip() else None for end in (first, last))
        return Range(*ends)
    for data in _readings(value):
        with suppress(ValueError, TypeError, AttributeError, LookupError):
            return slot_type.from_json(data)
    for mention in slot_type.find(value, context):
        whole = mention.span.end - mention.span.start >= len(value.strip())
        if whole and len(mention.candidates) == 1 and not mention.excluded:
            return mention.candidates[0]
    raise ValueError(f"`{value}` is no {kind.replace('_', ' ')}")


def _readings(text: str) -> Sequence[object]:
    """What a text may be as JSON data."""
    found: list[object] = []
    if text.lower() in _YES_NO:
        found.append(_YES_NO[text.lower()])
    found.append(text)
    if _NUMBER.fullmatch(text):
        found.append(float(text) if "." in text else int(text))
    if " " in text:
        first, last = text.rsplit(" ", 1)
        found.append({"first_name": first, "last_name": last})
    return found


def as_json(kind: str, value: object) -> Any:
    """The value as JSON data; what the type cannot write is written as text."""
    if is_list(kind) and isinstance(value, list | tuple):
        return [as_json(kind.removesuffix(LIST), item) for item in value]
    with suppress(ValueError, TypeError, AttributeError, LookupError):
        return type_of(kind).to_json(value)
    return str(value)


def written(kind: str, value: object) -> Value:
    """The value as a talk file holds it; `typed` reads it again."""
    if is_range(kind) and isinstance(value, Range):
        ends = ("" if end is None else written(kind.removesuffix(RANGE), end) for end in (value.start, value.end))
        return _STRETCH.join(str(end) for end in ends)
    data = as_json(kind, value)
    if isinstance(data, list):
        return tuple(_text(item) for item in data)
    return _text(data)


def _text(data: object) -> str:
    if isinstance(data, bool):
        return "yes" if data else "no"
    if isinstance(data, Mapping):
        if set(data) == {"first_name", "last_name"}:
            return " ".join(str(part) for part in data.values() if part)
        if set(data) == {"amount", "currency"}:
            return f"{data['amount']} {data['currency']}"
        return json.dumps(data)
    return str(data)


_PLAUSIBLE: Final[Mapping[str, Callable[[datetime], object]]] = {
    "yes_no": lambda now: True,
    "number": lambda now: 2,
    "party_size": lambda now: 2,
    "date": lambda now: (now + timedelta(days=1)).date().isoformat(),
    "time": lambda now: "19:00",
    "datetime": lambda now: f"{(now + timedelta(days=1)).date().isoformat()}T19:00",
    "duration": lambda now: 90,
    "date_of_birth": lambda now: "1980-01-31",
    "phone": lambda now: "+441632960123",
    "person_name": lambda now: {"first_name": "Maria", "last_name": "Rossi"},
    "email": lambda now: "maria.rossi@example.com",
    "money": lambda now: "20 GBP",
    "postcode": lambda now: "SW1A 1AA",
    "address": lambda now: "22 High Street, Bristol",
    "digits": lambda now: "4711",
    "text": lambda now: "4711",
}


def plausible(kind: str, now: datetime) -> object:
    """Some value of a type, always the same for the same moment: what a tool brings where a talk does not say it."""
    if is_list(kind):
        return (plausible(kind.removesuffix(LIST), now),)
    if is_range(kind):
        return Range(plausible(kind.removesuffix(RANGE), now), None)
    data = _PLAUSIBLE.get(kind, _PLAUSIBLE["text"])(now)
    with suppress(ValueError, TypeError, AttributeError, LookupError):
        return type_of(kind).from_json(data)
    return data


def show_act(act: Act, kinds: Mapping[str, str]) -> str:
    """An act as a talk file holds it; `kinds` are the types of the flow's slots."""
    return write_act(act_text(act, kinds))


def act_text(act: Act, kinds: Mapping[str, str]) -> ActText:
    """An act as a talk file means it. Lists of which the caller may mean one stand side by side."""
    match act:
        case Fill():
            values = tuple(written(kinds.get(act.slot, "text"), value) for value in act.candidates)
            texts = tuple(value for value in values if isinstance(value, str))
            shown: tuple[Value, ...] = values if len(texts) < len(values) or len(values) == 1 else (texts,)
            return ActText("add" if act.more else "fill", (act.slot, *shown), round(act.confidence, 2))
        case Exclude():
            value = written(kinds.get(act.slot, "text"), act.value)
            return ActText("exclude", (act.slot, value), round(act.confidence, 2))
        case Want():
            return ActText("want", (act.intent,))
        case Ask():
            return ActText("ask", (act.answer,))
        case Affirm():
            return ActText("affirm")
        case Deny():
            return ActText("deny")
        case Global():
            return ActText(act.name)
        case _:
            assert_never(act)
