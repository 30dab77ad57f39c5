"""What one caller says becomes words and acts: read while it is said, judged at every pause, reported at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from engine.acts import Understood
from engine.call.consulting import Consulting
from engine.call.finished import completeness, matters
from engine.call.parts import Parts
from engine.effects import Listen
from engine.errors import FrontdeskError
from engine.events import Heard
from engine.speech.ear import SpeechEnded, SpeechGoesOn, SpeechPaused, SpeechStarted
from engine.speech.endpoint import Completeness
from engine.speech.stt import Following, Transcript, following

MOST_AT_ONCE: Final = 120
"""Characters that are understood on the event loop, within 3 ms; more is a thread's work."""
RECOGNISE_WITHIN: Final = 4.0
"""Seconds after which words that the recogniser has not found count as not understood."""


class Speaker(Protocol):
    """Our side of the conversation, which falls silent when the caller speaks."""

    def judge(self, turn: int, version: int, completeness: Completeness, matters: bool) -> None:
        """Told of the words before a pause: how complete they are, and whether they are meant for us at all."""

    def accepts(self, turn: int, version: int, matters: bool) -> bool:
        """Whether an utterance counts: one that does not matter and came while we spoke does not, and we go on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Words, what was understood in them, and the seconds that finding them took."""

    transcript: Transcript
    understood: Understood
    recognising: float
    understanding: float


@dataclass(frozen=True, slots=True)
class _Utterance:
    """What the caller says in a turn, in the hands of the recogniser."""

    turn: int
    following: Following


@dataclass(slots=True)
class _Guess:
    """A reading under way of what was said before a pause; it stands if nothing is said after it."""

    turn: int
    version: int
    task: asyncio.Task[Reading]


class Hearing:
    """For one call. `start` runs a task that belongs to the call; `report` gets `Heard`; `timing` stages in seconds.

    Nothing that the caller can notice comes of a pause before the utterance is over, except that we fall silent.
    """

    def __init__(
        self,
        parts: Parts,
        rate: int,
        start: Callable[[Coroutine[None, None, None]], object],
        report: Callable[[Heard], None],
        timing: Callable[[str, float], None],
        speaker: Speaker,
    ) -> None:
        self._parts = parts
        self._rate = rate
        self._start = start
        self._report = report
        self._timing = timing
        self._speaker = speaker
        self._utterance: _Utterance | None = None
        self._guess: _Guess | None = None
        self._listen: Listen | None = None
        self._consulting = Consulting(parts)

    def turn_begins(self, listen: Listen) -> None:
        """What is asked from now on."""
        self._listen = listen
        self._consulting.turn_begins(listen.turn)

    def awaits(self, turn: int) -> bool:
        """Whether words of this turn are an answer; words over what must be heard first are none."""
        return self._listen is not None and turn == self._listen.turn

    def caller_speaks(self, speech: SpeechStarted) -> None:
        """The caller surely speaks, for the first time or again: reading begins."""
        self._consulting.caller_speaks(speech.turn)
        if self._listen is not None and speech.turn == self._listen.turn:
            self._follow(speech.turn, speech.samples, self._listen)

    def goes_on(self, speech: SpeechGoesOn) -> None:
        """The next sound of the caller."""
        if self._utterance is not None and self._utterance.turn == speech.turn:
            self._utterance.following.feed(speech.samples)

    def paused(self, speech: SpeechPaused) -> None:
        """Asks for the words so far; an answer about less is given up."""
        listen, utterance = self._listen, self._utterance
        if listen is None or utterance is None or not speech.turn == listen.turn == utterance.turn:
            return
        self._drop()
        task = asyncio.create_task(self._read(utterance.following, listen))
        self._guess = _Guess(speech.turn, speech.version, task)
        self._start(self._judge(self._guess, listen))

    def ended(self, speech: SpeechEnded) -> None:
        """Reports the utterance; what was read at its last pause stands."""
        listen = self._listen
        if listen is None or speech.turn != listen.turn:
            return
        if self._utterance is None or self._utterance.turn != speech.turn:
            self._follow(speech.turn, speech.samples, listen)
        utterance, self._utterance = self._utterance, None
        guess, self._guess = self._guess, None
        if utterance is None:
            return
        if guess is not None and (guess.turn, guess.version) == (speech.turn, speech.version):
            task = guess.task
        else:
            if guess is not None:
                guess.task.cancel()
            task = asyncio.create_task(self._read(utterance.following, listen))
        self._start(self._hear(task, utterance.following, speech, listen))

    def _follow(self, turn: int, samples: bytes, listen: Listen) -> None:
        """Another utterance; one before it is given up."""
        self.close()
        self._utterance = _Utterance(turn, following(self._parts.recogniser, self._rate, listen.expecting))
        self._utterance.following.feed(samples)

    def close(self) -> None:
        """Gives up what is being said."""
        self._drop()
        if self._utterance is not None:
            self._utterance.following.close()
            self._utterance = None

    def _drop(self) -> None:
        if self._guess is not None:
            self._guess.task.cancel()
            self._guess = None

    async def _judge(self, guess: _Guess, listen: Listen) -> None:
        await asyncio.wait({guess.task})
        if guess.task.cancelled():
            return
        reading = guess.task.result()
        heard, acts = reading.transcript, reading.understood.acts
        flow = self._parts.compiled.flow
        judged = completeness(heard.text, acts, heard.confidence, listen.expecting, flow)
        self._speaker.judge(guess.turn, guess.version, judged, matters(heard.text, acts, flow.language))

    async def _hear(
        self, task: asyncio.Task[Reading], followed: Following, speech: SpeechEnded, listen: Listen
    ) -> None:
        over = self._parts.ticks()
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            followed.close()
        if task.cancelled():
            return
        reading = task.result()
        self._timing("words", self._parts.ticks() - over)
        self._timing("recognise", reading.recognising)
        self._timing("understand", reading.understanding)
        heard, understood = reading.transcript, reading.understood
        meant = matters(heard.text, understood.acts, self._parts.compiled.flow.language)
        if not self._speaker.accepts(speech.turn, speech.version, meant):
            return
        words = self._consulting.joined(speech.turn, heard.text)
        if words != heard.text:
            understood = await self._understood(Transcript(words, heard.confidence), listen)
        if self._consulting.wanted(listen, words, understood, heard.confidence):
            asked = self._parts.ticks()
            answer = await self._consulting.ask(listen, words, understood)
            self._timing("model", self._parts.ticks() - asked)
            if answer is None:
                return
            understood = answer
        self._report(Heard(speech.turn, words, understood.acts, understood.tier))

    async def _read(self, followed: Following, listen: Listen) -> Reading:
        began = self._parts.ticks()
        try:
            async with asyncio.timeout(RECOGNISE_WITHIN):
                heard = await followed.words()
        except (TimeoutError, FrontdeskError):
            heard = Transcript("", 0.0)
        middle = self._parts.ticks()
        understood = await self._understood(heard, listen)
        return Reading(heard, understood, middle - began, self._parts.ticks() - middle)

    async def _understood(self, heard: Transcript, listen: Listen) -> Understood:
        work = partial(
            self._parts.understanding.understand,
            heard.text, listen.expecting, self._parts.clock(), heard.alternatives, heard.confidence,
        )  # fmt: skip
        short = sum(map(len, (heard.text, *heard.alternatives))) <= MOST_AT_ONCE
        return work() if short else await asyncio.to_thread(work)
