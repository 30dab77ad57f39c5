"""E-mail addresses by voice: "maria dot rossi at gmail dot com", letters spelled, "underscore", "all one word"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz.distance import OSA

from engine.slots.mail_domains import ENDINGS, HEARD, NEAR, PROVIDERS
from engine.slots.registry import Context, Mention, Unkeyed, register
from engine.slots.spoken_signs import Token, is_digit, read_sign, tokens
from engine.slots.words import any_of, fold, longest, span_of

_LOCAL: Final = r"[a-z0-9](?:[a-z0-9_%+-]|\.(?!\.)){0,62}(?<!\.)"
_DOMAIN: Final = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
_SOUND: Final = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_TYPED: Final = re.compile(rf"(?<![\w.+%-])(?P<local>{_LOCAL}) ?@ ?(?P<domain>{_DOMAIN})(?![\w-])")
_AT: Final = re.compile(r"(?<!\w)(?:at(?: (?:sign|symbol))?|@(?: sign)?|ad(?= (?:gmail|hotmail|g mail)))(?!\w)")
_DOT: Final = r"(?: ?\.(?=\w)| (?:dot|point|period|full stop|dott|dat) )"
_ENDING: Final = any_of(ENDINGS).replace("[ -]", " ")
_LABEL: Final = r"[a-z0-9]+(?:(?: | ?- ?| dash | hyphen )[a-z0-9]+){0,11}?"
_SPOKEN_DOMAIN: Final = re.compile(
    rf" ?(?P<label>{_LABEL})(?P<rest>(?:{_DOT}{_LABEL})??)(?P<end>(?:{_DOT}{_ENDING}(?!\w)){{1,2}})"
    r"(?: ?(?P<uk>uk|u k)\b)?"
)
_PROVIDER: Final = re.compile(rf" ?(?P<name>{any_of([*HEARD, *NEAR])})(?!\w)(?!{_DOT}\w)")
_MARKS: Final = {
    "dot": ".", "point": ".", "period": ".", "stop": ".", ".": ".", "underscore": "_", "_": "_", "dash": "-", "hyphen":
    "-", "minus": "-", "-": "-", "plus": "+", "+": "+", "underline": "_",
}  # fmt: skip
_BEFORE: Final = frozenset(
    """
    address mail email e-mail is it's its that's to uh um er erm yes yeah yep okay ok sure please well so on use
    me via my mine thats and the with under be hello hi right now no sorry actually you reach contact write send
    try your our account would should will said meant
    """.split()  # noqa: SIM905
)
"""Words that lead up to an address and are no part of it."""
_LEAD: Final = re.compile(
    r"(?:e ?-? ?mail(?: address)?|address)(?: (?:is|would be|'s))?(?: it's)?[:,]? |(?:it's|it is|that's) "
)
_JOINED: Final = re.compile(
    r"\b(?:(?:that's |that is )?all (?:one word|together|joined(?: up)?|in one(?: word)?)|(?:as )?one word|no spaces?"
    r"|without (?:a )?spaces?)\b"
)
_LONGEST: Final = 70
"""Tokens before the sign that may belong to an address."""


@dataclass(slots=True)
class _Local:
    """The part before the sign, while it is read from right to left."""

    text: str
    start: int
    sure: float


class EmailType(Unkeyed):
    """An e-mail address; values are text in lower case. Hearing alone is sure only where nothing was guessed: which
    words belong together, or a provider that was mended."""

    name = "email"
    open = True

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        found = [
            Mention((f"{one['local']}@{one['domain']}",), span_of(text, *one.span()), 0.95)
            for one in _TYPED.finditer(low)
            if _SOUND.fullmatch(f"{one['local']}@{one['domain']}")
        ]
        told = context.asked or "mail" in low
        words = tokens(low)
        for sign in _AT.finditer(low):
            found += _around(text, low, sign, words, told)
        return longest(found)

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str) or not _SOUND.fullmatch(data.lower()):
            raise ValueError(f"{data!r} is no e-mail address")
        return data.lower()


def _around(text: str, low: str, sign: re.Match[str], words: list[Token], told: bool) -> list[Mention]:
    """The address around one spoken "at", if there is one; a provider without its ending only where we are told that it
    is an address."""
    domain = _domain(low, sign.end(), told)
    if domain is None:
        return []
    names, end, sure = domain
    joined = _JOINED.search(low, end)
    close = joined is not None and joined.start() - end <= len(", and that's ")
    local = _local(low, [word for word in words if word.end <= sign.start()], joined=close)
    if local is None:
        return []
    made = tuple(f"{local.text}@{name}" for name in names)
    sound = tuple(one for one in made if _SOUND.fullmatch(one))
    end = joined.end() if joined and close else end
    return [Mention(sound, span_of(text, local.start, end), min(sure, local.sure))] if sound else []


def _domain(low: str, start: int, told: bool) -> tuple[tuple[str, ...], int, float] | None:
    """What may stand after the sign, best first; where it ends; how sure."""
    if found := _SPOKEN_DOMAIN.match(low, start):
        label, rest = _label(found["label"]), _label(found["rest"])
        endings = [ENDINGS[one] for one in re.findall(rf"{_DOT}({_ENDING})(?!\w)", found["end"])]
        if found["uk"] and endings[-1] == "co":
            endings.append("uk")
        tail = ".".join(endings)
        end = found.end() if found["uk"] and endings[-1] == "uk" else found.end("end")
        known = HEARD.get(" ".join(found["label"].split()), label)
        if rest or known in PROVIDERS:
            return (".".join(part for part in (known, rest.lstrip("."), tail) if part),), end, 0.95
        near = next((one for one in NEAR if OSA.distance(one, label, score_cutoff=1) <= 1), None)
        if near:
            return (f"{near}.{tail}", f"{label}.{tail}"), end, 0.7
        return (f"{label}.{tail}",), end, 0.9 if " " not in found["label"] or _is_spelled(found["label"]) else 0.75
    if told and (found := _PROVIDER.match(low, start)):
        name = HEARD.get(found["name"], found["name"])
        return (PROVIDERS[name],), found.end(), 0.7
    return None


def _label(words: str) -> str:
    """One or more labels of a domain put together; letters and digits as they are said."""
    made, known, at = "", tokens(words), 0
    while at < len(known):
        word = known[at].text
        mark = _MARKS.get(word)
        if mark in (".", "-"):
            made, at = made + mark, at + 1
            continue
        single = read_sign(known, at, names=False)
        made, at = (made + single[0].signs, at + single[1]) if single else (made + word, at + 1)
    return made


def _is_spelled(words: str) -> bool:
    return all(len(word) == 1 or word.isdigit() for word in words.split())


def _local(low: str, before: list[Token], joined: bool) -> _Local | None:
    """The name before the sign, read back to what leads up to it. Words that only stand side by side may belong
    together or not, so they are joined but not sure."""
    known = before[-_LONGEST:]
    while known and known[-1].text == ",":
        known.pop()
    first = _first(known, low)
    if first == 0 and len(before) > _LONGEST:
        return None
    words = known[first:]
    cut = next(_JOINED.finditer(low, words[0].start, words[-1].end), None) if words else None
    if cut is not None:
        words = [one for one in words if one.end <= cut.start() or one.start >= cut.end()]
        joined = True
    while words and words[0].text in (",", *_MARKS):
        words = words[1:]
    while words and words[-1].text in (",", "-"):
        words = words[:-1]
    if not words:
        return None
    text, loose = _put_together(words)
    if text.startswith("."):
        return None
    return _Local(text, words[0].start, 0.75 if loose and not joined else 0.9)


def _first(known: Sequence[Token], low: str) -> int:
    """The first token that can belong to the name."""
    if not known:
        return 0
    lead = max((one.end() for one in _LEAD.finditer(low, known[0].start, known[-1].start)), default=0)
    first = len(known)
    for at in range(len(known) - 1, -1, -1):
        word, before = known[at].text, known[at - 1].text if at else ""
        if known[at].start < lead:
            break
        following = known[at + 1].text if at + 1 < len(known) else ""
        spelled_beside = (
            (word, following) == ("under", "score")
            or len(word) == 1
            or before in _MARKS
            or (before in ("for", "as", "in") and at >= 2)
        )
        if (word in _BEFORE or word in ("at", "@", ":", "?", "!", ";")) and not spelled_beside:
            break
        if word == "i" and at + 1 < len(known) and known[at + 1].text in ("am", "have", "use", "said", "meant"):
            break
        first = at
    return first


def _put_together(words: list[Token]) -> tuple[str, bool]:
    """The name, and whether it was guessed that two words belong together."""
    text, loose, at, last = "", False, 0, "mark"
    while at < len(words):
        word = words[at].text
        if word == "full" and at + 1 < len(words) and words[at + 1].text == "stop":
            at += 1
            continue
        if word == "under" and at + 1 < len(words) and words[at + 1].text == "score":
            text, at, last = text + "_", at + 2, "mark"
            continue
        if word in _MARKS and (word != "stop" or words[at - 1].text == "full"):
            text, at, last = text + _MARKS[word], at + 1, "mark"
            continue
        if word in (",", "then", "and", "space", "'"):
            at += 1
            continue
        sign = read_sign(words, at, names=_between_letters(words, at))
        kind = "word" if sign is None else "letter" if sign[0].letter else "digits"
        loose = loose or (kind == "word" and last == "word") or {kind, last} == {"word", "letter"}
        loose = loose or (word == "o" and _beside_digit(words, at))
        text += sign[0].signs if sign else re.sub(r"[^a-z0-9]", "", word)
        at, last = at + (sign[1] if sign else 1), kind
    return text, loose


def _beside_digit(words: list[Token], at: int) -> bool:
    return any(is_digit(words[index].text) for index in (at - 1, at + 1) if 0 <= index < len(words))


def _between_letters(words: list[Token], at: int) -> bool:
    """Whether a word such as "see" stands among spelled letters."""
    beside = [words[index].text for index in (at - 1, at + 1) if 0 <= index < len(words)]
    return any(len(word) == 1 and word.isalpha() for word in beside)


register(EmailType())
