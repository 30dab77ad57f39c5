"""Text as recognisers read it: lower case, plain apostrophes, and the same length, so that spans stay true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.acts import Span
from engine.slots.registry import Mention

_SIGNS = {
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\t": " ",
    "\n": " ",
}
_ASCII_SIGNS = str.maketrans({sign: plain for sign, plain in _SIGNS.items() if sign.isascii()})
_OR = re.compile(r"[\s,]*(?:\bor\b|\bor maybe\b|\bor else\b|\bor possibly\b)\s*(?:(?:the|on|at|for|maybe)\s+)*")
_NOT_BEFORE = re.compile(
    r"(?:\bnot|\banything but|\b(?:any|every) ?(?:day|date|time|hour|week|month|evening|night|one) but"
    r"|\bexcept(?: for)?|\bcan(?:'t|not) (?:do|make|manage)|\bnever"
    r"|\b(?:didn't|did not|never) say|\banother (?:day|time) than|\bother than|\brather than|\binstead of)"
    r"\s+(?:(?:on|at|the|this|for|for the|by|in|a)\s+)*$"
)
_NOT_AFTER = re.compile(
    r"^(?:\s+is|'s|\s+was)?\s*(?:isn't|is not|not|no|won't|doesn't|don't|wouldn't|will not)\s+"
    r"(?:good|possible|work|do|suit|fine|okay|ok|any good|really|going to work|be possible|convenient)\b"
)


def fold(text: str) -> str:
    """Lower case with typographic signs made plain; always as long as `text`."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS)
    return "".join(_fold_sign(sign) for sign in text)


def _fold_sign(sign: str) -> str:
    sign = _SIGNS.get(sign, sign)
    low = sign.lower()
    return low if len(low) == 1 else sign


def span_of(text: str, start: int, end: int) -> Span:
    """The span without the blanks and commas at its edges."""
    while start < end and text[start] in ' ,.;:!?\t\n"':
        start += 1
    while end > start and text[end - 1] in ' ,;:!?\t\n"':
        end -= 1
    return Span(text[start:end], start, end)


def any_of(words: Iterable[str]) -> str:
    """A regular expression that matches one of `words`, the longest first."""
    return (
        "(?:" + "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in sorted(words, key=len, reverse=True)) + ")"
    )


def longest(mentions: Iterable[Mention]) -> list[Mention]:
    """Drops mentions that overlap a longer (or as long and earlier given) one; left to right."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda found: found.span.start - found.span.end):
        if all(not overlap(mention.span, other.span) for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda found: found.span.start)


def overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def finish(text: str, low: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Marks what is excluded ("not Friday") and joins alternatives ("the fifth or the fifteenth") into one mention."""
    marked = [replace(mention, excluded=True) if _is_excluded(low, mention.span) else mention for mention in mentions]
    return list(_join(text, low, marked))


def _is_excluded(low: str, span: Span) -> bool:
    return bool(_NOT_BEFORE.search(low[: span.start]) or _NOT_AFTER.match(low[span.end :]))


def _join(text: str, low: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    held: Mention | None = None
    for mention in mentions:
        if held and _OR.fullmatch(low[held.span.end : mention.span.start]) and held.excluded == mention.excluded:
            both = tuple(dict.fromkeys((*held.candidates, *mention.candidates)))
            span = span_of(text, held.span.start, mention.span.end)
            held = Mention(
                both, span, min(held.confidence, mention.confidence), held.excluded, held.bare and mention.bare
            )
            continue
        if held:
            yield held
        held = mention
    if held:
        yield held


def gaps(low: str, mentions: Sequence[Mention]) -> list[str]:
    """The words between one mention and the next."""
    return [low[one.span.end : other.span.start] for one, other in pairwise(mentions)]
