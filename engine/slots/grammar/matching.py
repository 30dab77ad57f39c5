"""Templates of a language tried on an utterance: what all recognisers by table have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.slots.grammar.lexicon import Lexicon, Line, lexicon
from engine.slots.registry import Mention
from engine.slots.words import longest

TERMINALS: Final[Mapping[str, str]] = {
    "n": r"#n\d{1,3}\.?",
    "count": r"#[na]\d{1,3}",
    "minute": r"#n\d\d?",
    "minutes": r"#n[0-5]\d",
    "day": r"#(?:o\d+|n\d\d?\.?)",
    "ordinal": r"#(?:o\d+|n\d\d?\.)",
    "month": r"#m\d+",
    "month_ordinal": r"#(?:o\d+|n\d\d?\.)",
    "month_number": r"#(?:o\d+|n\d\d?\.?)",
    "weekday": r"#w\d",
    "year": r"#n\d{2,4}",
    "clock": r"#c\d+:\d+",
    "figure": r"#f[\d.,]+",
    "date": r"#d[\d./-]+",
}
"""What `{…}` in a template stands for, as patterns on the codes of a line."""


_DENIED: Final = 0.7
"""How sure a value is at most that follows a "no" which may answer the question or exclude the value."""


@dataclass(frozen=True, slots=True)
class Joining:
    """The section `joining`: what turns values into exclusions and alternatives. `before` stands right before a value
    that is not wanted, and `contrast` before one that is followed by the wanted one ("no el viernes, el sábado");
    `after` stands right behind one, `either` between two of which one will do."""

    before: tuple[str, ...] = ()
    contrast: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    either: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Patterns:
    before: re.Pattern[str]
    contrast: re.Pattern[str]
    after: re.Pattern[str]
    either: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Found:
    """One template that matched: its values as text by name, where the value stands in the codes, and its words."""

    values: Mapping[str, str]
    start: int
    end: int
    line: Line = field(repr=False)

    def number(self, *names: str) -> int | None:
        """The number behind the first of some codes such as `#n25.`; None where the template has none of them."""
        code = next((self.values[name] for name in names if name in self.values), None)
        return None if code is None else int(re.sub(r"\D", "", code))

    def mention(self, candidates: tuple[object, ...], confidence: float, bare: bool = False) -> Mention:
        return Mention(candidates, self.line.span(self.start, self.end), confidence, bare=bare)


def searched(line: Line, patterns: Iterable[re.Pattern[str]], stop: re.Pattern[str] | None = None) -> Iterator[Found]:
    """Every match of every pattern; the value begins at the template's `~` where it has one. A match that ends with a
    number is none where `stop` follows: then the number counts something else."""
    for pattern in patterns:
        for match in pattern.finditer(line.codes):
            if match.end() == match.start() or (stop and _is_stopped(match, stop)):
                continue
            values = {name: value for name, value in match.groupdict().items() if value}
            start = match.start("from") if "from" in pattern.groupindex and match["from"] is not None else match.start()
            yield Found(values, start, match.end(), line)


def _is_stopped(match: re.Match[str], stop: re.Pattern[str]) -> bool:
    last = max((match.end(name) for name, value in match.groupdict().items() if value), default=-1)
    return last == match.end() and stop.match(match.string, last) is not None


def patterns_of(
    words: Lexicon, templates: Sequence[str], terminals: Mapping[str, str] = TERMINALS
) -> tuple[re.Pattern[str], ...]:
    return tuple(words.template(template, terminals) for template in templates)


def either_of(words: Lexicon, templates: Sequence[str]) -> str:
    """One pattern, without edges, for a terminal that is one of some words."""
    made = (words.template(template, {}).pattern for template in templates)
    return f"(?:{'|'.join(made)})" if templates else r"(?!)"


@lru_cache(maxsize=32)
def joining_of(sheet: Sheet) -> _Patterns:
    """The section `joining` as patterns on codes. Raises SettingsError for what is wrong in it."""
    given = build(Joining, sheet.section("joining"), f"{sheet.file}: joining")
    words = lexicon(sheet)
    return _Patterns(
        *(re.compile(either_of(words, part)) for part in (given.before, given.contrast, given.after, given.either))
    )


def finished(line: Line, mentions: Iterable[Mention], sheet: Sheet) -> list[Mention]:
    """The longest mentions, those that are not wanted marked, and alternatives joined to one with all candidates."""
    patterns = joining_of(sheet)
    found = longest(mentions)
    kept = [_marked(line, mention, patterns, mention is not found[-1]) for mention in found]
    joined: list[Mention] = []
    for mention in kept:
        held = joined[-1] if joined else None
        if held and held.excluded == mention.excluded and _between(line, held, mention, patterns):
            both = tuple(dict.fromkeys((*held.candidates, *mention.candidates)))
            span = replace(held.span, text=line.text[held.span.start : mention.span.end], end=mention.span.end)
            sure = min(held.confidence, mention.confidence)
            joined[-1] = Mention(both, span, sure, held.excluded, held.bare and mention.bare)
        else:
            joined.append(mention)
    return joined


def _marked(line: Line, mention: Mention, patterns: _Patterns, followed: bool) -> Mention:
    """The mention, excluded where the words around it say so. A comma parts it from what stands before ("no, at
    eight")."""
    before, after = sides(line, mention)
    tried = (patterns.before, patterns.contrast) if followed else (patterns.before,)
    leads = (match for pattern in tried for match in pattern.finditer(before) if match.end() == len(before))
    if any("," not in match[0] for match in leads) or patterns.after.match(after):
        return replace(mention, excluded=True)
    denied = any(match.end() == len(before) and "," not in match[0] for match in patterns.contrast.finditer(before))
    return replace(mention, confidence=min(mention.confidence, _DENIED)) if denied else mention


def sides(line: Line, mention: Mention) -> tuple[str, str]:
    """The codes before and behind a mention."""
    first = next(index for index, token in enumerate(line.tokens) if token.end > mention.span.start)
    last = max(index for index, token in enumerate(line.tokens) if token.start < mention.span.end)
    after = line.starts[last + 1] if last + 1 < len(line.tokens) else len(line.codes)
    return line.codes[: line.starts[first]].rstrip(), line.codes[after:]


def _between(line: Line, one: Mention, other: Mention, patterns: _Patterns) -> bool:
    _, after = sides(line, one)
    before, _ = sides(line, other)
    words = after[: max(0, len(after) - (len(line.codes) - len(before)))].strip()
    return patterns.either.fullmatch(words) is not None
