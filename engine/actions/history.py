"""Which calls somebody looks for, as a query: by time, number, outcome, flow, and the words that were said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from engine.actions.schema import bookings, call_words, calls, commits

_WORD = re.compile(r"\w+")
_LONGEST: Final = 40
_AFTER: Final = "\U0010ffff"
"""Sorts after every word."""


@dataclass(frozen=True, slots=True)
class Search:
    """What calls must have in common; what is None does not matter. Moments are aware.

    `text` are words that the caller said, all of them, each by its beginning, without regard to accents and case; or
    the reference of a booking that the call made or changed. `number` are digits of the caller's number, also of the
    one that a booking was made for. `going` asks for calls that go on, or for those that are over. What a flow masks
    is not found by its words.
    """

    text: str | None = None
    number: str | None = None
    outcome: str | None = None
    flow: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    going: bool | None = None
    variant: str | None = None


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in the form in which they are compared, each once."""
    plain = text
    for _ in range(2):  # one step may make a letter that the other would change (Unicode, caseless matching)
        plain = unicodedata.normalize("NFKD", plain.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return tuple(dict.fromkeys(word[:_LONGEST] for word in _WORD.findall(letters)))


def chosen_calls(wanted: Search, *columns: Any) -> sa.Select[Any]:
    """The columns of the calls that fit, in no order."""
    return sa.select(*columns).select_from(calls).where(*_conditions(wanted))


def _conditions(wanted: Search) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.since is not None:
        yield calls.c.started >= wanted.since
    if wanted.until is not None:
        yield calls.c.started < wanted.until
    if wanted.flow is not None:
        yield calls.c.flow == wanted.flow
    if wanted.outcome is not None:
        yield calls.c.outcome == wanted.outcome
    if wanted.variant is not None:
        yield calls.c.variant == wanted.variant
    if wanted.going is not None:
        yield calls.c.ended.is_(None) if wanted.going else calls.c.ended.is_not(None)
    if wanted.number is not None:
        yield _number(re.sub(r"\D", "", wanted.number))
    if wanted.text is not None:
        yield _text(words_of(wanted.text))


def _number(digits: str) -> sa.ColumnElement[bool]:
    if not digits:
        return sa.false()
    theirs = bookings.c.phone_key.contains(digits) | bookings.c.phone.contains(digits)
    return calls.c.caller.contains(digits) | calls.c.id.in_(_booked(theirs))


def _text(words: tuple[str, ...]) -> sa.ColumnElement[bool]:
    said = (
        sa.select(call_words.c.call_id).where(call_words.c.word >= word, call_words.c.word < word + _AFTER)
        for word in words
    )
    spoken = sa.and_(sa.true(), *(calls.c.id.in_(found) for found in said))
    reference = words[0] if len(words) == 1 and words[0].isdigit() else None
    return spoken if reference is None else spoken | calls.c.id.in_(_booked(bookings.c.reference == reference))


def _booked(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The calls that made or changed bookings for which the condition holds."""
    joined = commits.join(bookings, commits.c.booking_id == bookings.c.id)
    return sa.select(commits.c.call_id).select_from(joined).where(condition)
