"""Wishes that hold at any point of a call: a person, help, again, slower, back, and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from engine.acts import Global, GlobalName, Span
from engine.slots.words import fold, overlap
from engine.understanding.language import Words

_EDGE: Final = re.compile(r"[\w']+")


def globals_in(text: str, words: Words, busy: bool, wishes: Sequence[Span]) -> list[Global]:
    """The globals of an utterance, at most one of each. `busy` says that it also brings values or intents: some
    globals then give way. `wishes` are words that the flow's own phrases explain: those are no globals."""
    found: dict[GlobalName, Global] = {}
    for act in _alone(text, words) or _within(text, words):
        if busy and act.name in words.yielding and not _closes(act, text):
            continue
        if any(overlap(act.span, span) for span in wishes):
            continue
        found.setdefault(act.name, act)
    return list(found.values())


def _closes(act: Global, text: str) -> bool:
    """A goodbye at the very end stands beside an answer ("no thanks, bye")."""
    return act.name == "goodbye" and not text[act.span.end :].strip(" .!,")


def _alone(text: str, words: Words) -> list[Global]:
    """A global and nothing else but fillers."""
    low = fold(text)
    start, end = core(low, words)
    for name, pattern in words.whole.items():
        for first in (start, 0):
            if found := pattern.fullmatch(low, first, end):
                return [Global(name, Span(text[first:end], first, end), 0.95)] if found.end() > found.start() else []
    return []


def core(low: str, words: Words) -> tuple[int, int]:
    """Of a folded text, the stretch between leading and trailing fillers; all, without blanks, when all are fillers."""
    tokens = [(found.start(), found.end()) for found in _EDGE.finditer(low)]
    while len(tokens) > 1 and low[slice(*tokens[0])] in words.fillers:
        tokens.pop(0)
    while len(tokens) > 1 and low[slice(*tokens[-1])] in words.fillers:
        tokens.pop()
    return (tokens[0][0], tokens[-1][1]) if tokens else (0, 0)


def _within(text: str, words: Words) -> Iterator[Global]:
    low = fold(text)
    for name, pattern in words.inside.items():
        if found := pattern.search(low):
            yield Global(name, Span(text[found.start() : found.end()], found.start(), found.end()), 0.9)
