"""Which slot gets which words: every stretch of an utterance fills at most one slot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.acts import SURE, Exclude, Fill, Span
from engine.kinds import is_list, item_of
from engine.slots.registry import Context, Mention, type_of
from engine.slots.words import fold, overlap
from engine.understanding.language import Words

_UNDECIDED: Final = 0.6
_FIRM: Final = 0.7
_ANSWER: Final = 0.6
"""Confidence from which a value of the asked slot keeps its words from other slots."""
_MOST: Final = 0.6
_DAYS: Final = frozenset({"date", "datetime"})


@dataclass(frozen=True, slots=True)
class Open:
    """A slot that may be filled now."""

    name: str
    type: str
    options: Mapping[str, Any]
    asked: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot and what may be a value for it."""

    slot: Open
    mention: Mention

    @property
    def strength(self) -> tuple[float, int, bool, float]:
        """Plain words for this type first, then what only the question explains, then loose words; longer before
        shorter, the asked slot before others."""
        mention = self.mention
        rank = 1.5 if mention.bare else 2.0 if mention.confidence >= SURE else 1.0
        return rank, mention.span.end - mention.span.start, self.slot.asked, mention.confidence


def claims(text: str, slots: Sequence[Open], now: datetime, language: str) -> list[Claim]:
    """Every mention that some slot could take."""
    found: list[Claim] = []
    seen: dict[tuple[str, bool, int], Sequence[Mention]] = {}
    for slot in slots:
        key = (slot.type, slot.asked, id(slot.options))
        if key not in seen:
            seen[key] = type_of(slot.type).find(text, Context(now, language, slot.asked, slot.options))
        found += [Claim(slot, mention) for mention in seen[key]]
    return found


def settle(text: str, found: Iterable[Claim], words: Words, asked: str = "") -> list[Fill | Exclude]:
    """The acts: no two from the same words, one fill for a slot, left to right. `asked` is the type of the slot that
    was asked for."""
    kept: list[Claim] = []
    for claim in sorted(_answering(text, list(found), asked), key=lambda one: one.strength, reverse=True):
        if all(not overlap(claim.mention.span, other.mention.span) for other in kept):
            kept.append(claim)
    kept.sort(key=lambda claim: claim.mention.span.start)
    acts: list[Fill | Exclude] = []
    for name in dict.fromkeys(claim.slot.name for claim in kept):
        mine = [claim.mention for claim in kept if claim.slot.name == name]
        acts += [
            Exclude(name, value, mention.span, mention.confidence)
            for mention in mine
            if mention.excluded
            for value in mention.candidates[:1]
        ]
        if values := [mention for mention in mine if not mention.excluded]:
            many = next(is_list(claim.slot.type) for claim in kept if claim.slot.name == name)
            acts.append(_gathered(name, text, values, words) if many else _fill(name, text, values, words))
    return sorted(acts, key=lambda act: act.span.start)


def _answering(text: str, found: Sequence[Claim], asked: str) -> list[Claim]:
    """Without what another slot would take of the words that answer the question: "twelve fifty" is an amount where an
    amount was asked, and most of an answer about a birth is no day to come."""
    answers = [
        claim.mention.span
        for claim in found
        if claim.slot.asked and claim.mention.confidence >= _ANSWER and not type_of(claim.slot.type).open
    ]
    birth = asked == "date_of_birth" and not answers

    def is_left(claim: Claim) -> bool:
        span = claim.mention.span
        if claim.slot.asked or (birth and item_of(claim.slot.type) in _DAYS and _is_most(span, text)):
            return claim.slot.asked
        return not any(answer.start <= span.start and span.end <= answer.end for answer in answers)

    return [claim for claim in found if is_left(claim)]


def _is_most(span: Span, text: str) -> bool:
    """Whether a span is most of what was said."""
    return (span.end - span.start) >= _MOST * len(text.strip())


def _fill(name: str, text: str, mentions: Sequence[Mention], words: Words) -> Fill:
    plain = [mention for mention in mentions if not mention.bare] or list(mentions)
    plain = [mention for mention in plain if mention.confidence >= _FIRM] or plain
    first = plain[0]
    if len(plain) == 1 or all(mention.candidates == first.candidates for mention in plain):
        return Fill(name, first.candidates, first.span, first.confidence)
    last = plain[-1]
    if _replaced(fold(text), plain, words):
        return Fill(name, last.candidates, last.span, min(last.confidence, 0.9))
    common = [value for value in first.candidates if all(value in other.candidates for other in plain)]
    if common:
        return Fill(name, tuple(common), first.span, first.confidence)
    every = tuple(dict.fromkeys(value for mention in plain for value in mention.candidates))
    span = Span(text[first.span.start : last.span.end], first.span.start, last.span.end)
    return Fill(name, every, span, _UNDECIDED)


def _gathered(name: str, text: str, mentions: Sequence[Mention], words: Words) -> Fill:
    """One list of all that was said for it, wherever it stands ("a haircut on Friday, and a beard trim")."""
    first, *others = mentions
    if others and _replaced(fold(text), mentions, words):
        first, others = mentions[-1], []
    span = Span(text[first.span.start : mentions[-1].span.end], first.span.start, mentions[-1].span.end)
    lists = [value for value in first.candidates if isinstance(value, tuple)]
    for mention in others:
        added = next((value for value in mention.candidates if isinstance(value, tuple)), ())
        lists = [(*value, *(item for item in added if item not in value)) for value in lists]
    sure = min(mention.confidence for mention in (first, *others))
    return Fill(name, tuple(lists), span, sure, any(mention.more for mention in (first, *others)))


def _replaced(low: str, mentions: Sequence[Mention], words: Words) -> bool:
    """Whether the caller went on to another value ("at seven, no, at eight"; "from nine to ten people")."""
    between = low[mentions[-2].span.end : mentions[-1].span.start]
    return bool(re.search(words.correction, between))
