"""A model's word on what one caller said: asked for while they wait, and given up when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from engine.acts import Understood
from engine.call.parts import Parts
from engine.effects import Listen

ANSWERED_WITHIN: Final = 3.0
"""Seconds after which the call goes on without a model that keeps to no deadline of its own."""


@dataclass(slots=True)
class _Asking:
    turn: int
    words: str
    task: asyncio.Task[Understood]


class Consulting:
    """For one call: at most one question at a time, and one answer a turn.

    We say no "one moment" meanwhile: the model's deadline is over before those words would be.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._asking: _Asking | None = None
        self._kept = 0, ""

    def joined(self, turn: int, words: str) -> str:
        """The words with those that the caller said before in the same turn, when they went on while we asked."""
        of, before = self._kept
        self._kept = 0, ""
        return f"{before} {words}".strip() if of == turn else words

    def wanted(self, listen: Listen, words: str, understood: Understood, confidence: float) -> bool:
        """Whether the model is to be asked."""
        tier = self._parts.model
        return tier is not None and not tier.skips(words, understood, listen.expecting, confidence)

    async def ask(self, listen: Listen, words: str, understood: Understood) -> Understood | None:
        """What is understood with the model; the same as before where it gives nothing in time. None when the caller
        spoke on meanwhile: the words are kept for `joined`. Also None when the turn is over."""
        if self._parts.model is None:
            return understood
        task = asyncio.create_task(self._parts.model.ask(words, understood, listen.expecting, self._parts.clock()))
        self._asking = _Asking(listen.turn, words, task)
        try:
            done, _ = await asyncio.wait({task}, timeout=ANSWERED_WITHIN)
            if not done:
                return understood
            return None if task.cancelled() else task.result()
        finally:
            task.cancel()
            self._asking = None

    def caller_speaks(self, turn: int) -> None:
        """The caller goes on: what was asked is not all that they want to say."""
        if self._asking is not None and self._asking.turn == turn:
            self._kept = turn, self._asking.words
            self._asking.task.cancel()

    def turn_begins(self, turn: int) -> None:
        """What is asked about an earlier turn is of no use any more."""
        if self._asking is not None and self._asking.turn != turn:
            self._asking.task.cancel()
