"""Words of the clock: times from now on, and hours that do not go with their part of the day."""

from __future__ import annotations

import re
from typing import Final

from engine.slots.numerals import SMALL, small
from engine.slots.words import any_of

_COUNT: Final = rf"(?:an?|{SMALL}|\d{{1,4}}|a couple(?: of)?)"
_PART: Final = {"a half": 30, "an half": 30, "half": 30, "a quarter": 15, "quarter": 15, "three quarters": 45}
LEAD: Final = (
    rf"(?:(?P<part>half an?|half a|a half|half|(?:a )?quarter of an?|three quarters of an?) hour"
    rf"|(?P<hours>{_COUNT})(?: and (?P<more>{any_of(_PART)}))? ?(?:hours?|hrs?|h\b)(?: and (?P<rest>{any_of(_PART)}))?"
    rf"(?: (?:and )?(?P<odd>{_COUNT}) ?(?:minutes?|mins?))?"
    rf"|(?P<decimal>\d{{1,2}})\.(?P<tenths>[05]|25|75) ?(?:hours?|hrs?|h\b)"
    rf"|(?P<minutes>{_COUNT}) ?(?:minutes?|mins?))"
)
"""A length of time on a folded text, as in "in two and a half hours"."""
_LEAD: Final = re.compile(LEAD)
_LATE: Final = 12
_EVENING: Final = range(5, 12)
_NIGHT: Final = frozenset({1, 2, 3, 7, 8, 9, 10, 11})
_AFTERNOON: Final = range(1, 7)


def lead_minutes(words: str) -> int:
    """The minutes of a `LEAD`; 0 for anything else."""
    found = _LEAD.fullmatch(words)
    if found is None:
        return 0
    if found["part"]:
        return 45 if found["part"].startswith("three") else 15 if "quarter" in found["part"] else 30
    if found["minutes"]:
        return _count(found["minutes"])
    if found["decimal"]:
        return int(found["decimal"]) * 60 + {"0": 0, "5": 30, "25": 15, "75": 45}[found["tenths"]]
    extra = _PART.get(found["more"] or found["rest"] or "", 0)
    return _count(found["hours"]) * 60 + extra + (_count(found["odd"]) if found["odd"] else 0)


def _count(words: str) -> int:
    if "couple" in words:
        return 2
    return 1 if words in ("a", "an") else small(words) or 0


def is_odd(hour: int, said: str, near: str) -> bool:
    """Whether an hour does not go with what was said beside it: "twelve in the morning" (whose midnight is it?), "five
    at night", "8 am" and "this evening". `said` is its am, pm or part of the day, `near` the nearest part of it."""
    half = said.replace(" ", "").replace(".", "")
    early, late = half in ("a", "am"), half in ("p", "pm")
    if early or late:
        against = ("afternoon", "evening", "dinner", "supper") if early else ("morning", "breakfast")
        at_night = late and "ni" in near and hour not in _NIGHT and hour not in _EVENING
        return at_night or any(word in near for word in against)
    if ("noon" in said and "after" not in said) or "lunch" in said or "midday" in said:
        return False
    if "morning" in said or "breakfast" in said:
        return hour >= _LATE
    clock = hour - _LATE if hour > _LATE else hour
    if "evening" in said or "dinner" in said:
        return clock not in _EVENING
    if "night" in said or "nite" in said:
        return clock not in _NIGHT
    return "afternoon" in said and clock not in _AFTERNOON
