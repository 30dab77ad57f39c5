"""Days and times that other words of the utterance may change are not sure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Final

from engine.acts import SURE, Exclude, Fill
from engine.languages.sheet import base_of
from engine.slots.doubts import DOUBT, is_doubtful
from engine.slots.words import fold

_OF_THE_CALENDAR: Final = frozenset({"date", "time", "datetime"})
_NIGHT: Final = re.compile(r"\b(?:tonight|tonite|night|evening|midnight|late)\b")
_FROM_NOW: Final = re.compile(r"^(?:in|within) |(?:from now|later|time)$")
_SMALL_HOURS: Final = 5


def doubted(
    text: str, acts: Sequence[Fill | Exclude], types: Mapping[str, str], language: str, now: datetime
) -> Sequence[Fill | Exclude]:
    """The acts, days and times in doubt below `SURE`. `types` maps slots to their types; English alone is read so."""
    if base_of(language) != "en":
        return acts
    mine = [act for act in acts if isinstance(act, Fill) and types[act.slot] in _OF_THE_CALENDAR]
    if not any(act.confidence >= SURE for act in mine):
        return acts
    clash = _clash(text, mine, types, now)
    return [
        replace(act, confidence=min(act.confidence, DOUBT))
        if act in mine and (clash or is_doubtful(text, act.span, [other.span for other in acts if other is not act]))
        else act
        for act in acts
    ]


def _clash(text: str, acts: Sequence[Fill], types: Mapping[str, str], now: datetime) -> bool:
    """Whether a day and a time said with it may mean another day: a time after the midnight of its evening ("tonight at
    one", "Friday at midnight"), one that is past today, or one counted from now on another day."""
    days = [value for act in acts if types[act.slot] == "date" for value in act.candidates]
    times = [value for act in acts for value in act.candidates if isinstance(value, time)]
    if not (days and times):
        return False
    small = all(value.hour < _SMALL_HOURS for value in times)
    gone = days == [now.date()] and all(value < now.time() for value in times)
    after_midnight = small and (times[0].hour == 0 or _NIGHT.search(fold(text)) is not None)
    counted = any(types[act.slot] == "time" and _FROM_NOW.search(fold(act.span.text)) for act in acts)
    return gone or after_midnight or (counted and days != [now.date()])
