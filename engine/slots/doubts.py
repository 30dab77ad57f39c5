"""Words beside a day or a time that may change it: a bound, a range, a denial, numbers that no value explains.

The recognisers give a value for what they know of an utterance. Where what they left over could make it another day
or time, the value stands, and is not sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.acts import Span
from engine.slots.calendar_words import MONTH, WEEKDAY
from engine.slots.numerals import ORDINAL, SMALL
from engine.slots.words import fold

DOUBT: Final = 0.8
"""The most that a value in doubt is worth."""
_TAKEN: Final = "\x00"
"""Stands for each sign of another value."""
_NUMBER: Final = rf"(?:\d+(?:st|nd|rd|th)?|{ORDINAL}|{SMALL}|half|quarter|hundred|thousand)"
_UNIT: Final = (
    r"(?:(?:second|sec|minute|min|hour|hr|day|week|wk|fortnight|month|quarter|year|decade|centur)(?:s|ies|y)?)"
)
_ZONE: Final = (
    r"(?:gmt|utc|bst|cet|cest|est|edt|cst|cdt|mst|mdt|pst|pdt|eastern|(?:my|your|local|uk|us|\w+(?:ern|al|ic|an)|mountain"
    r"|london|berlin|paris|new york) time|(?:\w+ )?time ?zone)"
)
_EDGE: Final = (
    r"(?:before|after|by|until|till|from|since|between|past|through|thru|up to|as (?:late|early|far|soon) as"
    r"|(?:no|not|any) (?:later|earlier|sooner)(?: than)?|(?:later|earlier|sooner|less|more|fewer|other|rather) than"
    r"|at (?:least|most)|within|under|over|prior to|mid|end|start|beginning|middle|close|next|last|previous|this"
    r"|every|each|except|without|the week|week (?:of|commencing|beginning|starting))"
)
_LED: Final = r"(?:[\s,-]*\b(?:the|a|an|on|at|of|in|about|around|roughly|say)\b)*[\s,-]*$"
_BEFORE: Final = re.compile(rf"\b{_EDGE}{_LED}")
_NUMBER_BEFORE: Final = re.compile(
    rf"(?:\b(?:{_NUMBER}|{_UNIT}|{MONTH}|{WEEKDAY})|{_TAKEN})[\s,]*(?:\b(?:to|until|till|through|thru|and|past)\b|[-/])"
    r"[\s,]*(?:the )?$"
    rf"|\b(?:{_NUMBER}|{MONTH})[\s/-]*(?:of )?$"
)
_AFTER: Final = re.compile(
    rf"[\s,./-]*(?:\b(?:and|of|past|to|or|until|till|through|thru|in|the|plus)\b[\s,-]*)*"
    rf"\b(?:{_NUMBER}|{_UNIT}|{MONTH}|{WEEKDAY}|{_ZONE})\b"
    rf"|[\s,]*\b(?:until|till|through|thru|onwards?|(?:at (?:the )?)?(?:latest|earliest)"
    rf"|(?:or|and) (?:later|earlier|after|before)|to)\b(?! (?:see|have|get|make|be|do|come)\b)"
    r"|\s*-\s*\w"
)
_REPEATED: Final = re.compile(
    r"\b(?:every|each|weekly|daily|monthly|fortnightly|ago|yesterday|decades?|centur(?:y|ies)|quarter|semester"
    r"|(?:this|next|last|previous|following|the|a|other|whole|all|first|second|third|fourth)"
    r" (?:week|month|year|fortnight)"
    rf"|{WEEKDAY}s"
    r"|(?:next|last|previous|following) (?:\w+ )?(?:days?|weeks?|months?|years?))\b"
)
_LEFT_OVER: Final = re.compile(
    r"\b(?:days?|wks?|weeks?|weekends?|fortnights?|months?|years?|nights|tomorrow|today|tonight|eod|cob"
    r"|january|february|april|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
)
"""Words of the calendar that no value explains."""
_GOOD_DAY: Final = re.compile(
    r"\b(?:all|good|nice|great|lovely|busy|long|of the|these|other|any|(?<=have )a) days?\b|\byears? old\b"
    r"|\b(?:for|stay(?:ing)?) \S+ (?:days|nights|weeks)\b|\bhow are (?:you|things)(?: \w+)? today\b"
)
_DENIED: Final = re.compile(
    r"\b(?:not|never|cannot|without|except|unless|neither|nor|hardly|avoid|instead|apart from)\b|n't\b"
)
_NO_DENIAL: Final = re.compile(
    r"\b(?:why not|if not|not (?:only|sure|too|at all|a problem)|don't (?:mind|know|worry|need|think)|can't wait"
    r"|(?:isn't|doesn't|wouldn't|couldn't|can't|won't) (?:it|that|you|we|i)\b)"
)
_PAST: Final = re.compile(r"\b(?:went|came|visited|happened|occurred|attended|arrived|sold|bought|met)\b")
_CLAUSE: Final = re.compile(r"[,;.!?]\s|\b(?:but|so|because)\b")
_MOVED: Final = re.compile(r"\b(?:change|mov|switch|resched|push|bring|put|shift|swap|amend|correct)\w*\b")
_TO: Final = re.compile(r"\b(?:to|for|until|on to|at)\s+(?:the )?$")
_CORRECTED: Final = re.compile(
    r"\b(?:no|nope|sorry|rather|actually|i mean(?:t)?|make (?:it|that)|scratch that|correction|wait)\b[\s,.]*"
    r"(?:\b(?:on|at|the|make it|better)\b\s*)*$"
)
"""What takes back the words before it."""
_SPREAD: Final = re.compile(
    r"\b(?:from|between)\s+(?:\S+\s+){1,6}?(?:to|and|until|till|through|thru|-)\s+(?:\S+\s*){1,4}"
)


def is_doubtful(text: str, mine: Span, others: Sequence[Span]) -> bool:
    """Whether words that belong to no value may change what `mine` of the (English) `text` means; `others` are the
    spans of the other values."""
    low = fold(text)
    for other in others:
        low = low[: other.start] + _TAKEN * (other.end - other.start) + low[other.end :]
    before, after = low[: mine.start], low[mine.end :]
    if _CORRECTED.search(before) or (_MOVED.search(before) and _TO.search(before)):
        before = ""  # what stood there is no more
    return bool(
        _BEFORE.search(before)
        or _NUMBER_BEFORE.search(before)
        or _AFTER.match(after)
        or _REPEATED.search(before)
        or _REPEATED.search(after)
        or _LEFT_OVER.search(_GOOD_DAY.sub(" ", before + " " + after))
        or _is_spread(fold(text), mine)
        or _in_clause(before, after)
    )


def _is_spread(low: str, mine: Span) -> bool:
    """Whether the value is an end of a range; "move it from Friday to Saturday" is none."""
    return any(
        found.start() < mine.start < found.end() and not _MOVED.search(low, 0, found.start())
        for found in _SPREAD.finditer(low)
    )


def _in_clause(before: str, after: str) -> bool:
    """Whether the clause around the value denies something, or tells what has been."""
    ends = [found.end() for found in _CLAUSE.finditer(before)]
    stop = _CLAUSE.search(after)
    clause = _NO_DENIAL.sub(" ", before[ends[-1] if ends else 0 :] + _TAKEN + after[: stop.start() if stop else None])
    return bool(_DENIED.search(clause) or _PAST.search(clause))
