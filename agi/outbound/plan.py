"""Whom a campaign calls next, and when: from its rules and from what came of the calls so far; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from engine.flow.calendar import Calendar

AGAIN: Final = frozenset({"busy", "no_answer", "failed", "machine"})
"""What may be tried again. Whoever declined, was told something, or may have been, is left alone."""
NUMBER: Final = re.compile(r"\+?[0-9]{2,20}")
"""A number that can be dialled, in the form of `plain`."""
STEP: Final = timedelta(minutes=15)
LOOKS_AHEAD: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody to call, once for a `key`. The hours must be right in every one of `zones`; `about` is JSON data that
    the flow gets; after `until` it makes no sense any more."""

    key: str
    number: str
    zones: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call that was begun; `outcome` is None while it goes on, or where nobody knows because its process died."""

    key: str
    at: datetime
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """`tries` calls for each callee at most, `wait` apart, `at_once` at a time, within `hours` of the callee's clock,
    and never a number of `never` (in the form of `plain`)."""

    hours: Calendar
    tries: int = 3
    wait: timedelta = timedelta(hours=2)
    at_once: int = 1
    never: frozenset[str] = frozenset()


def plain(number: str) -> str:
    """A number in the form that is compared: digits alone, with its +."""
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")


def due(
    rules: Rules, callees: Sequence[Callee], attempts: Iterable[Attempt], now: datetime, running: int
) -> tuple[Callee, ...]:
    """Whom to call at this moment, while `running` calls go on; nobody twice at a time."""
    history = _by_key(attempts)
    found: list[Callee] = []
    numbers: set[str] = set()
    for callee in callees:
        if len(found) + running >= rules.at_once:
            break
        number = plain(callee.number)
        if number not in numbers and _from(rules, callee, history.get(callee.key, ()), now) == now:
            found.append(callee)
            numbers.add(number)
    return tuple(found)


def next_moment(
    rules: Rules, callees: Sequence[Callee], attempts: Iterable[Attempt], now: datetime
) -> datetime | None:
    """When somebody may be called next; None where nobody is left to call."""
    history = _by_key(attempts)
    moments = (_from(rules, callee, history.get(callee.key, ()), now) for callee in callees)
    return min((moment for moment in moments if moment is not None), default=None)


def _by_key(attempts: Iterable[Attempt]) -> dict[str, tuple[Attempt, ...]]:
    found: dict[str, tuple[Attempt, ...]] = {}
    for attempt in attempts:
        found[attempt.key] = (*found.get(attempt.key, ()), attempt)
    return found


def _from(rules: Rules, callee: Callee, before: Sequence[Attempt], now: datetime) -> datetime | None:
    """The first moment, not before `now`, at which a callee may be called; None where there is none."""
    if plain(callee.number) in rules.never or len(before) >= rules.tries:
        return None
    if any(attempt.outcome not in AGAIN for attempt in before):
        return None
    moment = max([now, *(attempt.at + rules.wait for attempt in before)])
    last = now + LOOKS_AHEAD if callee.until is None else min(callee.until, now + LOOKS_AHEAD)
    while moment < last:
        if _is_time(rules.hours, callee.zones, moment):
            return moment
        moment = _quarter(moment)
    return None


def _is_time(hours: Calendar, zones: Iterable[str], at: datetime) -> bool:
    return all(replace(hours, timezone=zone).is_open(at) for zone in zones)


def _quarter(moment: datetime) -> datetime:
    """The next full quarter of an hour: hours begin and end there."""
    whole = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return whole + STEP
