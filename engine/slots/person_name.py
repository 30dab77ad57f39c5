"""Names of people, by what introduces them ("under the name of"), spelled out, or alone when they were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from engine.acts import PersonName, Span
from engine.languages.sheet import sheet_of
from engine.slots.grammar.names import names
from engine.slots.name_words import ENDINGS, FIRST_NAMES, NO_NAMES, PARTICLES, SURNAMES, TITLES
from engine.slots.registry import Context, Mention, Unkeyed, register
from engine.slots.spelling import spelled
from engine.slots.words import any_of, fold, overlap, span_of

_TOKEN: Final = r"[^\W\d_]+(?:['’.-][^\W\d_]+)*"
_NAME: Final = re.compile(rf"\s*,?\s*[\"“]?(?P<name>{_TOKEN}(?:\s+{_TOKEN}){{0,5}})")
_TITLE: Final = any_of(TITLES)
_THE: Final = r"(?:the |a |our |my )?"
_LEADS: Final[tuple[tuple[str, str, float], ...]] = (
    ("first", r"(?:first name|christian name|given name|forename)(?: is|'s| was|:)?(?: gonna be)?", 0.95),
    ("last", r"(?:last name|surname|family name|second name)(?: is|'s| was|:)?", 0.95),
    ("full", r"(?<!first )(?<!last )(?<!family )(?<!second )names? (?:is|was|will be|should be|would be"
        r"|it's under is)(?: under)?", 0.95),
    ("full", r"(?<!first )(?<!last )name's", 0.95),
    ("full", r"(?<!restaurant )(?<!place )(?:under|in|on|by|with|for) (?:the |my |a )?(?:full )?name(?: of)?(?: is)?"
        r"(?! (?:of|on|under|for)\b)", 0.95),
    ("full", r"under", 0.9),
    ("full", r"(?:you can |please |people |they |just |everyone |friends )?(?:call|calls) (?:me|be|call me)", 0.95),
    ("full", r"(?:i am|i'm) (?:called|named)", 0.95),
    ("weak", r"(?:this is|i am|i'm|it's|it is|that's|that would be|it should be|it may be|make it)", 0.9),
    ("weak", r"(?:reservation|booking|appointment|table|reserved|booked|listed)(?: [\w:.']+){0,4} (?:for|to|as"
        r"|on name|by)", 0.9),
    ("pair", r"(?<!looking )(?<!ask )(?<!asking )for", 0.86),
    ("full", r"(?:known as|named me|i go by|we go by|goes by)", 0.95),
    ("weak", r"(?:i'm|i am|we're|we are) with", 0.88),
    ("weak", r"(?:on|as) name", 0.9),
    ("weak", r"(?<!restaurant )(?<!place )(?:names?|under the names?)(?= [a-z])", 0.8),
    ("weak", r"(?:speaking to|speaking with|talking to|mister|mr|mrs|miss|ms|dr)\.?", 0.7),
)  # fmt: skip
_RULES: Final = tuple((kind, re.compile(rf"(?<![\w'])(?:{lead})(?![\w'])"), sure) for kind, lead, sure in _LEADS)
_AFTER: Final = re.compile(
    rf"(?P<name>{_TOKEN}(?:\s+{_TOKEN}){{0,3}}?),?\s+(?:here\b|speaking\b|has (?:a|an|got)\b|is (?:my"
    r"|the) (?:full )?name\b|(?:that )?is what (?:you can )?call me\b"
    r"|that(?:'s| is) (?:my|the) name\b|is what you can call me\b|is what i'm called\b"
    r"|is how i'm called\b|is who (?:it|the))"
)
_FILLERS: Final = re.compile(
    r"(?:\s*(?:yes|yeah|yep|ok|okay|um+|uh+|er+m*|ah|oh|well|so|sure|it's|its|it is|that's|that is"
    r"|that would be|it would be|i'm|i am|this is"
    r"|the name is|name is|my name is|my name's|no|sorry|hi|hello|hey|please|just|of course|certainly"
    r"|under|for|right|put it under|call me)\b[\s,.!]*)+"
)
_TRAIL: Final = re.compile(
    r"[\s,.!]*(?:\b(?:please|thanks|thank you|cheers|sir|madam|mate|that's it|that's all|here|speaking)\b[\s,.!]*)*$"
)


_SPELLING: Final = re.compile(
    r"(?:[\s,.]*\b(?:that's|that is|it's|it is|which is|spelled|spelt|is spelled|is spelt"
    r"|i'll spell (?:it|that))\b[\s,:]*)+$"
)


class PersonNameType(Unkeyed):
    """Values are `PersonName`; either part may be empty. `options`: `part`, where `last` says that a single name is the
    last name. Without words that introduce it, a name is only taken when
    it was asked for and nothing else was said."""

    name = "person_name"
    open = True

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        if other := sheet_of(context.language):
            made = names(text, context, other)
            return [_as_last(mention) for mention in made] if context.options.get("part") == "last" else made
        low = fold(text)
        found = list(_introduced(text, low, context.asked)) or list(_named_after(text, low))
        letters = _spelled(text, low, found, context.asked)
        if letters:
            found = [letters]
        elif not found and context.asked:
            found = list(_alone(text, low))
        merged = _merge(text, found)
        return [_as_last(mention) for mention in merged] if context.options.get("part") == "last" else merged

    def to_json(self, value: Any) -> Any:
        return {"first_name": value.first, "last_name": value.last}

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, Mapping) or not {"first_name", "last_name"} & set(data):
            raise ValueError(f"{data!r} is no name: first_name and last_name are expected")
        return PersonName(str(data.get("first_name") or ""), str(data.get("last_name") or ""))


def _as_last(mention: Mention) -> Mention:
    """The mention with a lone name as the last name, which is what the question was about."""
    made = (
        replace(value, first="", last=value.first) if isinstance(value, PersonName) and not value.last else value
        for value in mention.candidates
    )
    return replace(mention, candidates=tuple(made))


def _introduced(text: str, low: str, asked: bool) -> Iterator[Mention]:
    taken: list[Span] = []
    for kind, pattern, sure in _RULES:
        for lead in pattern.finditer(low):
            words = _NAME.match(text, lead.end())
            if words is None:
                continue
            tokens = _name_tokens(
                text, words.start("name"), words.end("name"), strict=kind in ("weak", "pair") and not asked
            )
            if not tokens or (kind in ("weak", "pair") and not _convincing(text, tokens, asked)):
                continue
            if kind == "pair" and len(tokens) != 2:
                continue
            span = span_of(text, tokens[0][1], tokens[-1][2])
            if any(overlap(span, other) for other in taken):
                continue
            taken.append(span)
            titled = (
                fold(text[words.start("name") : tokens[0][1]]).strip(" .") in TITLES or lead[0].rstrip(".") in TITLES
            )
            value = _as_name([token[0] for token in tokens], "last" if titled and len(tokens) == 1 else kind)
            yield Mention((value,), span, sure)


def _convincing(text: str, tokens: Sequence[tuple[str, int, int]], asked: bool) -> bool:
    """Whether words after "I'm" or "for" may be a name: written large, or asked for."""
    large = all(token[0][:1].isupper() for token in tokens)
    return (large and not text.isupper()) or (asked and len(tokens) <= 3)


def _name_tokens(text: str, start: int, end: int, strict: bool) -> list[tuple[str, int, int]]:
    """The words from `start` on that can be a name, up to the first that cannot."""
    tokens: list[tuple[str, int, int]] = []
    low = fold(text)
    previous_end = start
    for found in re.finditer(_TOKEN, text[start:end]):
        at, until = start + found.start(), start + found.end()
        word = low[at:until].rstrip(".")
        if tokens and re.search(r"[^\s]", text[previous_end:at].strip()):
            break
        if not tokens and word in TITLES:
            previous_end = until
            continue
        if tokens and tokens[0][0][:1].isupper() and not found[0][:1].isupper() and word not in PARTICLES:
            break
        if (word in NO_NAMES or (word in ENDINGS and tokens)) and not (word in PARTICLES and tokens):
            break
        if strict and not found[0][:1].isupper():
            break
        if until - at == 1 and (not tokens or not found[0].isupper()):
            break
        tokens.append((text[at:until], at, until))
        previous_end = until
        if text[until : until + 1] in ".,;!?" or len(tokens) == 4:
            break
    while tokens and fold(tokens[-1][0]) in PARTICLES:
        tokens.pop()
    return tokens


def _as_name(tokens: Sequence[str], kind: str) -> PersonName:
    words = [_written(token) for token in tokens]
    if kind == "last":
        return PersonName(last=" ".join(words))
    if kind == "first":
        return PersonName(first=" ".join(words))
    if len(words) == 1:
        return PersonName(last=words[0]) if _is_last(words[0]) else PersonName(first=words[0])
    cut = next((index for index, word in enumerate(words) if index and fold(word) in PARTICLES), len(words) - 1)
    return PersonName(" ".join(words[:cut]), " ".join(words[cut:]))


def _is_last(word: str) -> bool:
    """Whether a name on its own looks like a last name."""
    low = fold(word)
    return len(low) >= 5 and low not in FIRST_NAMES and bool(SURNAMES.search(low))


def _written(token: str) -> str:
    """A name as it is written: as heard when it has capitals, else with one."""
    if fold(token) in PARTICLES or (token != token.lower() and token != token.upper()):
        return token
    return re.sub(r"(?:^|(?<=[-'’]))\w(?=\w)|^\w", lambda first: first[0].upper(), token.lower())


def _named_after(text: str, low: str) -> Iterator[Mention]:
    for found in _AFTER.finditer(text):
        tokens = _name_tokens(text, found.start("name"), found.end("name"), strict=False)
        large = all(token[0][:1].isupper() for token in tokens)
        if tokens and tokens[-1][2] == found.end("name") and (large or "name" in low[found.end("name") : found.end()]):
            yield Mention(
                (_as_name([token[0] for token in tokens], "full"),), span_of(text, tokens[0][1], tokens[-1][2]), 0.9
            )


def _alone(text: str, low: str) -> Iterator[Mention]:
    """A name and nothing else but courtesy."""
    lead = _FILLERS.match(low)
    start = lead.end() if lead else 0
    trail = _TRAIL.search(low)
    end = trail.start() if trail else len(low)
    words = _NAME.match(text, start, end)
    if words is None:
        return
    if pair := re.compile(rf"\s*({_TOKEN})\s*,\s*({_TOKEN})\s*").fullmatch(text, start, end):
        if not {fold(pair[1]), fold(pair[2])} & NO_NAMES:
            name = PersonName(_written(pair[1]), _written(pair[2]))
            yield Mention((name,), span_of(text, pair.start(1), pair.end(2)), 0.86, bare=True)
        return
    tokens = _name_tokens(text, words.start("name"), end, strict=False)
    rest = text[tokens[-1][2] : end].strip(" ,.!") if tokens else "?"
    if tokens and (not rest or _starts_other(rest, tokens)):
        kind = "last" if fold(text[words.start("name") : tokens[0][1]]).strip(" .") in TITLES else "full"
        value = _as_name([token[0] for token in tokens], kind)
        yield Mention((value,), span_of(text, tokens[0][1], tokens[-1][2]), 0.9 if not rest else 0.75, bare=True)


def _starts_other(rest: str, tokens: Sequence[tuple[str, int, int]]) -> bool:
    """Whether what follows a name written large is plainly something else ("Maria Rossi at eight")."""
    return all(token[0][:1].isupper() for token in tokens) and not rest[:1].isupper()


def _spelled(text: str, low: str, found: Sequence[Mention], asked: bool) -> Mention | None:
    """A name that was spelled, alone or after it was said ("Jon Smyth, that's S M Y T H")."""
    runs = spelled(low)
    if not runs or not (found or asked):
        return None
    words = [run.word.capitalize() for run in runs]
    said = found[0].candidates[0] if found else _said_before(text, low, runs[0].start)
    start = min(runs[0].start, found[0].span.start) if found else runs[0].start
    span = span_of(text, start, runs[-1].end)
    if len(words) >= 2:
        return Mention((PersonName(words[0], " ".join(words[1:])),), span, 0.8)
    if isinstance(said, PersonName) and not overlap(
        span_of(text, runs[0].start, runs[0].end), found[0].span if found else Span()
    ):
        return Mention((_corrected(said, words[0], low[: runs[0].start]),), span, 0.85)
    last = bool(re.search(r"(?:surname|last name|family name)\W+(?:is\W+)?$", low[: runs[0].start]))
    return Mention((PersonName(last=words[0]) if last else PersonName(first=words[0]),), span, 0.8)


def _said_before(text: str, low: str, end: int) -> object:
    """The name that was said before it was spelled, or None."""
    cut = _SPELLING.search(low, 0, end)
    end = cut.start() if cut else end
    return next((mention.candidates[0] for mention in _alone(text[:end], low[:end])), None)


def _corrected(said: PersonName, word: str, before: str) -> PersonName:
    """Which part of the name the letters spell: the one that begins alike, else the last."""
    if re.search(r"first name|forename", before[-30:]) or (
        not said.last and said.first[:1].lower() == word[:1].lower()
    ):
        return replace(said, first=word)
    if said.first[:2].lower() == word[:2].lower() and said.last[:1].lower() != word[:1].lower():
        return replace(said, first=word)
    return replace(said, last=word)


def _merge(text: str, found: Sequence[Mention]) -> list[Mention]:
    """First and last name said apart become one name."""
    names = sorted(found, key=lambda mention: mention.span.start)
    if len(names) == 2:
        one, two = (mention.candidates[0] for mention in names)
        if isinstance(one, PersonName) and isinstance(two, PersonName) and bool(one.first) != bool(two.first):
            whole = PersonName(one.first or two.first, one.last or two.last)
            span = span_of(text, names[0].span.start, names[1].span.end)
            return [Mention((whole,), span, min(names[0].confidence, names[1].confidence))]
    return names


register(PersonNameType())
