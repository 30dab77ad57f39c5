"""Postal addresses: number and street, with the flat before and the town and postcode after them if they are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from engine.slots.name_words import NO_NAMES
from engine.slots.numerals import SMALL, numbers
from engine.slots.postcode import PostcodeType
from engine.slots.registry import Context, Mention, Unkeyed, register
from engine.slots.words import any_of, fold, span_of

_POSTCODE: Final = PostcodeType()
_STREETS: Final = (
    "street", "road", "avenue", "lane", "drive", "close", "court", "crescent", "gardens", "garden", "square", "terrace",
    "place", "way", "hill", "grove", "park", "row", "mews", "walk", "green", "view", "rise", "parade", "boulevard",
    "highway", "circle", "wharf", "quay", "yard", "cottage", "cottages", "farm", "house", "mansions", "villas",
    "passage", "embankment", "bridge", "rd", "ave", "dr", "ln", "blvd", "sq", "ct", "cres", "strasse", "straße",
    "platz", "weg", "gasse", "allee", "calle", "avenida", "plaza", "paseo", "rue", "via",
)  # fmt: skip
_STREET: Final = (
    rf"(?:{any_of(_STREETS)}|(?<=\w )st(?=$|,| [a-z]+$)|\w+(?:strasse|straße|weg|gasse|allee|platz|straat|laan))"
)
_UNIT: Final = r"(?:flat|apartment|apt|unit|suite|room|floor|studio)"
_LEAD: Final = re.compile(
    r"(?:\b(?:(?:my|the|our|his|her|home|postal|full|billing|street|delivery|first line of (?:my|the)) )*address"
    r"(?: is| would be|'s|:)?|\b(?:i|we) live (?:at|in|on)|\b(?:i'm|we're|i am|we are) (?:living )?at"
    r"|\bsend (?:it|them|that) to|\bdeliver (?:it |them )?to) (?!for\b|of\b)"
)
_FILLERS: Final = re.compile(
    r"(?:\s*(?:yes|yeah|yep|ok|okay|um+|uh+|er+m*|ah|oh(?! )|well|so|sure|it's|its|it is|that's|that is|that would be"
    r"|it would be|sorry|hi|of course|certainly|at|please|live at|i live at|no)\b[\s,.!]*)+"
)
_TRAIL: Final = re.compile(
    r"[\s,.!?]*(?:\b(?:please|thanks|thank you|cheers|that's it|that's all|okay|ok)\b[\s,.!?]*)*$"
)
_ASIDE: Final = re.compile(
    r",?\s*\b(?:and )?(?:the |my )?(?:post ?-?code|zip(?: code)?|postal code)(?: is|'s|:)?\s*|\s+,"
)
_COUNT: Final = (
    rf"(?:(?:an?|one|two|three|four|five|six|seven|eight|nine) hundred(?: and)?(?: {SMALL})?|{SMALL}|\d{{1,5}})"
)
_NUMBERED: Final = re.compile(
    rf"(?<![\w'])(?P<number>{_COUNT}(?: (?:oh|o) (?:[1-9]|one|two|three|four|five|six|seven|eight|nine))?)"
    r"(?: ?(?P<letter>[a-f]))?(?: (?P<half>and a half))?(?![\w'])"
)
_A_STREET: Final = re.compile(rf"(?<!\w){_STREET}(?!\w)(?! [a-z]'|\. [a-z])")
_PLAIN: Final = re.compile(r"\d+[A-F]? [^\W\d_]{4,}(?: [^\W\d_]{3,}){0,2}")
"""A number and a street without its kind ("22 Broadway")."""
_NO_LINE: Final = re.compile(
    r"\d(?:st|nd|rd|th) of\b|\b(?:past|o'clock|[ap]\.m)\b|\d ?-?ish\b|(?<!\w)(?:[a-z] ){3}|\b(?:19|20)\d\d$|\?"
)
"""Days and times, spelled words and questions, which are no lines of an address."""
_FLAT: Final = re.compile(rf"(?<!\w){_UNIT} (?:number )?(?:{_COUNT}|[a-z])(?: ?[a-f](?!\w))?(?= \w)")
_STREET_ENDS: Final = re.compile(rf"(?<!\w){_STREET}(?!\w)(?= (?:in )?(?!{_STREET}(?!\w)|\d|north|south|east|west)\w)")
"""A street with the name of a place after it."""
_SMALL_WORDS: Final = frozenset("of the de la le du des del der die an am im in on upon under by and y".split())  # noqa: SIM905
_NOT_PLACES: Final = (NO_NAMES | {"pounds", "quid", "euros", "dollars", "percent", "degrees"}) - frozenset(
    """
    north south park hill wood new old great little long green lake church farm house center centre garden place
    open window way city first second third fourth fifth sixth seventh eighth ninth tenth king queen high market
    summer main mill station victoria albert may june april august corner bar over down out off on one two three
    four five six seven eight nine ten right left mill saint st hotel near area terrace read field sun sunday
    friday food small private quiet street in the by under and is of for my it that room
    """.split()  # noqa: SIM905
)
"""Everyday words that are in no address: with one of them it was something else that was said."""


class AddressType(Unkeyed):
    """An address as one line; values are text. It is only taken where it was asked for or introduced, and hearing it is
    never sure."""

    name = "address"
    open = True

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        lead = _LEAD.search(low)
        if lead is None and not context.asked:
            return ()
        start, bare = (lead.end(), False) if lead else (0, True)
        if filler := _FILLERS.match(low, start):
            start = filler.end()
        trail = _TRAIL.search(low, start)
        end = trail.start() if trail else len(low)
        span = span_of(text, start, end)
        line = _line(span.text, context)
        if line is None:
            return ()
        return [Mention((line[0],), span, line[1], bare=bare)]

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str) or not re.search(r"\w", data):
            raise ValueError(f"{data!r} is no address")
        return " ".join(data.split())


def _line(said: str, context: Context) -> tuple[str, float] | None:
    """The address that words are, as it is written, and how sure; None when they are none."""
    code = next(iter(_POSTCODE.find(said, replace(context, asked=True))), None)
    rest = said if code is None else f"{said[: code.span.start]} , {said[code.span.end :]}"
    rest = _ASIDE.sub(", ", f" {rest} ")
    low = fold(rest)
    parts = [part for part in (_written(part) for part in _parts(rest, low)) if part]
    street = _A_STREET.search(low)
    numbered = any(part[0].isdigit() or re.search(r" \d+[A-F]?$", part) for part in parts)
    words = re.findall(r"[^\W\d_](?:[^\W\d_]|')+", fold(" ".join(parts)))
    if not parts or len(words) < (1 if numbered else 2) or any(word in _NOT_PLACES for word in words):
        return None
    if not street and not any(_PLAIN.fullmatch(part) for part in parts):
        return None
    if _NO_LINE.search(low):
        return None
    line = ", ".join([*parts, *([str(code.candidates[0])] if code else [])])
    return line, 0.8 if street and numbered else 0.6


def _parts(text: str, low: str) -> Iterator[str]:
    """The pieces between commas; a flat stands alone, and so does what follows the street."""
    cuts = {0, len(text)}
    cuts |= {found.end() for found in re.finditer(r"[,;.]\s+|,", low)}
    for found in _FLAT.finditer(low):
        cuts |= {found.start(), found.end()}
    for found in _STREET_ENDS.finditer(low):
        if re.search(r"\w", low[: found.start()].rpartition(",")[2]) and not found[0].endswith(("house", "via", "rue")):
            cuts.add(found.end())
    for start, end in pairwise(sorted(cuts)):
        yield text[start:end].strip(" ,;.")


def _written(part: str) -> str:
    """A piece with its numbers in figures and its words as names are written."""
    low, made, at = fold(part), "", 0
    for found in _NUMBERED.finditer(low):
        if at and found["letter"] is None and re.fullmatch(r"(?:one|first)", found[0]) and low[found.end() :].strip():
            continue
        made += part[at : found.start()] + _figure(found)
        at = found.end()
    made = re.sub(r"(?<=\d) (?:to|-) (?=\d)", "-", made + part[at:])
    made = re.sub(r"^(?:number|no\.?|in|at)\s+(?=\d|[A-Za-z]{3})", "", made.strip(), flags=re.IGNORECASE)
    return " ".join(_cased(word, index) for index, word in enumerate(made.split()))


def _figure(found: re.Match[str]) -> str:
    words = found["number"]
    value = words if words.isdigit() else "".join(str(one.value) for one in numbers(words.replace(" oh ", " zero ")))
    return f"{value}{(found['letter'] or '').upper()}{'½' if found['half'] else ''}"


def _cased(word: str, index: int) -> str:
    if word != word.lower() or (index and word in _SMALL_WORDS):
        return word
    return re.sub(r"^[^\W\d_]|(?<=-)[^\W\d_]", lambda first: first[0].upper(), word)


register(AddressType())
