"""What is left of a model's answer: acts of the alphabet, shown by words that the caller said, with values that our own
recognisers read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from engine.acts import SURE, Act, Ask, Exclude, Fill, Global, GlobalName, Span, Want
from engine.effects import Expecting
from engine.flow.model import Flow
from engine.slots.registry import Context, Mention, type_of
from engine.slots.words import finish, fold, overlap
from engine.understanding.language import Words
from engine.understanding.prompt import GLOBALS, MOST_ACTS, Alphabet, open_intents, open_slots

MODEL_SURE: Final = 0.75
"""The most that a model's word is worth. It lies below SURE, so that what a model found is always asked back where sure
values would not be."""
LONGEST_ANSWER: Final = 8000
"""Characters of an answer that are read."""
Why: TypeAlias = Literal[
    "not_json",
    "not_an_act",
    "not_in_the_alphabet",
    "not_open",
    "not_said",
    "taken",
    "thin",
    "no_value",
    "second",
    "too_many",
]

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WHOLE: Final = frozenset({"text"})
"""Types whose recogniser takes everything that is said: for them the words of the act are the value."""

assert MODEL_SURE < SURE


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something in an answer that was not taken: what it said, why (a fixed word), and in a few words for a person."""

    said: str
    why: Why
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`acts` is all that was believed."""

    acts: tuple[Act, ...] = ()
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What an answer is held against. `understood` is what the tiers before found; nothing of it is read again."""

    flow: Flow
    known: Alphabet
    words: Words
    waiting: Expecting
    said: str
    now: datetime
    understood: tuple[Act, ...] = ()

    @property
    def taken(self) -> tuple[Span, ...]:
        """Stretches of words that fill a slot already."""
        return tuple(act.span for act in self.understood if isinstance(act, Fill | Exclude))


class _Refused(Exception):
    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why: Why = why


@dataclass(slots=True)
class _Taken:
    acts: list[Act] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def read_answer(text: str, turn: Turn) -> Reading:
    """Reads whatever a server sent. Never raises, never gives a yes or no, never a value from words that the caller did
    not say, never an act that is not open at this turn."""
    kept = _Taken()
    try:
        items = _items(text)
    except _Refused as refused:
        return Reading(dropped=(_dropped(text, refused),))
    for place, item in enumerate(items):
        try:
            if place >= MOST_ACTS:
                raise _Refused("too_many", f"more than {MOST_ACTS} acts")
            kept.acts.extend(_act(item, replace(turn, understood=(*turn.understood, *kept.acts)), kept.acts))
        except _Refused as refused:
            kept.dropped.append(_dropped(item, refused))
            if place >= MOST_ACTS:
                break
    return Reading(tuple(kept.acts), tuple(kept.dropped))


def _dropped(what: object, refused: _Refused) -> Dropped:
    said = ascii(what)[1:-1] if isinstance(what, str) else json.dumps(what)
    return Dropped(said[:200], refused.why, str(refused))


def _items(text: str) -> Sequence[Any]:
    try:
        data = json.loads(text[:LONGEST_ANSWER], strict=False)  # servers let control characters into texts
    except (ValueError, RecursionError) as fault:
        raise _Refused("not_json", "the answer is no JSON") from fault
    if not isinstance(data, dict) or not isinstance(data.get("acts"), list):
        raise _Refused("not_json", 'the answer has no list "acts"')
    acts: list[Any] = data["acts"]
    return acts


def _act(item: Any, turn: Turn, before: Sequence[Act]) -> Sequence[Act]:
    """The acts of one item; `before` are those of the items before it."""
    if not isinstance(item, dict) or not isinstance(item.get("words"), str):
        raise _Refused("not_an_act", "no act with words")
    readers = {"fill": ("slot", _fill), "want": ("intent", _want), "ask": ("answer", _ask), "call": ("name", _call)}
    kind = item.get("act")
    if not isinstance(kind, str) or kind not in readers:
        raise _Refused("not_in_the_alphabet", "no such act")
    key, reader = readers[kind]
    name = item.get(key)
    if not isinstance(name, str):
        raise _Refused("not_an_act", f'"{key}" is missing')
    span = align(item["words"], turn.said, turn.words.hesitations)
    if span is None:
        raise _Refused("not_said", "the caller did not say these words")
    made = reader(name, span, turn)
    rivals = (*before, *(act for act in turn.understood if isinstance(act, Fill | Exclude)))
    if any(_same_kind(one, act) for one in made for act in rivals):
        raise _Refused("second", "one of these is enough for a turn")
    return made


def _same_kind(one: Act, other: Act) -> bool:
    return type(one) is type(other) and getattr(one, "slot", None) == getattr(other, "slot", None)


def align(words: str, said: str, skipped: Iterable[str] = ()) -> Span | None:
    """Where `words` stand in what was said: the same words in the same order with nothing but `skipped` in between,
    whatever their case and punctuation; None when they do not."""
    wanted = [found[0] for found in _WORD.finditer(fold(words))]
    idle = frozenset(skipped) - set(wanted)
    tokens = [found for found in _WORD.finditer(fold(said)) if found[0] not in idle]
    size = len(wanted)
    for first in range(len(tokens) - size + 1 if wanted else 0):
        if [token[0] for token in tokens[first : first + size]] == wanted:
            start, end = tokens[first].start(), tokens[first + size - 1].end()
            return Span(said[start:end], start, end)
    return None


def _want(name: str, span: Span, turn: Turn) -> Sequence[Act]:
    if name not in turn.known.intents:
        raise _Refused("not_in_the_alphabet", f"no intent of this flow: {name!a:.60}")
    if name not in open_intents(turn.known, turn.waiting):
        raise _Refused("not_open", f"{name} cannot be wanted here")
    _say_something(span, turn)
    return [Want(name, span, MODEL_SURE)]


def _ask(name: str, span: Span, turn: Turn) -> Sequence[Act]:
    if name not in turn.known.answers:
        raise _Refused("not_in_the_alphabet", f"no answer of this flow: {name!a:.60}")
    _say_something(span, turn)
    return [Ask(name, span, MODEL_SURE)]


_NAMES: Final[Mapping[str, GlobalName]] = {name: name for name in GLOBALS}


def _call(name: str, span: Span, turn: Turn) -> Sequence[Act]:
    if name not in _NAMES:
        raise _Refused("not_in_the_alphabet", f"{name!a:.60} is not done on a model's word")
    _say_something(span, turn)
    return [Global(_NAMES[name], span, MODEL_SURE)]


def _say_something(span: Span, turn: Turn) -> None:
    """Fillers and little words alone show nothing."""
    spoken = [found[0] for found in _WORD.finditer(fold(span.text))]
    if all(word in turn.words.light or word in turn.words.fillers for word in spoken):
        raise _Refused("thin", "these words say nothing by themselves")


def _fill(name: str, span: Span, turn: Turn) -> Sequence[Act]:
    if name not in turn.known.slots:
        raise _Refused("not_in_the_alphabet", f"no slot for a model: {name!a:.60}")
    if name not in open_slots(turn.flow, turn.known, turn.waiting):
        raise _Refused("not_open", f"{name} cannot be filled here")
    mentions = list(_mentions(name, span, turn))
    values = [mention for mention in mentions if not mention.excluded and mention.candidates]
    if any(overlap(one, other) for one in (span, *(mention.span for mention in mentions)) for other in turn.taken):
        raise _Refused("taken", "these words have been understood already")
    if len(values) > 1:
        raise _Refused("no_value", f"more than one value for {name}")
    acts: list[Act] = [
        Exclude(name, mention.candidates[0], mention.span, min(mention.confidence, MODEL_SURE))
        for mention in mentions
        if mention.excluded and mention.candidates
    ]
    acts += [Fill(name, one.candidates, one.span, min(one.confidence, MODEL_SURE), one.more) for one in values]
    if not acts:
        raise _Refused("no_value", f"no {turn.flow.slots[name].type} in these words")
    return acts


def _mentions(name: str, span: Span, turn: Turn) -> Iterator[Mention]:
    """What the slot's own recogniser finds in the words. A reading of the whole utterance that touches them comes
    first: in "half past seven" or "not Friday" the last word alone would say something else than the caller did."""
    slot = turn.flow.slots[name]
    kind, context = type_of(slot.type), Context(turn.now, turn.flow.language, True, slot.options)
    if slot.item not in _WHOLE:
        touching = [mention for mention in kind.find(turn.said, context) if overlap(mention.span, span)]
        if touching:
            yield from touching
            return
    alone = [_moved(mention, span.start, turn.said) for mention in kind.find(span.text, context)]
    yield from finish(turn.said, fold(turn.said), alone)


def _moved(mention: Mention, by: int, said: str) -> Mention:
    start, end = mention.span.start + by, mention.span.end + by
    return replace(mention, span=Span(said[start:end], start, end))
