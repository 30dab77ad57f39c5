"""The sound of one call: what the caller says becomes events, what we say is played, and both are recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Final

from engine.call.discretion import Discretion
from engine.call.disk import written
from engine.call.hearing import Hearing
from engine.call.keypad import Collector
from engine.call.line import Line
from engine.call.parts import Parts
from engine.call.recording import CallRecording
from engine.effects import Effect, Listen, Prompt, Say
from engine.errors import PeerError
from engine.events import Digits, Event, Interrupted, Recorded, Silence, Spoken
from engine.persona.prompts import utterance, utterances
from engine.persona.wording import engine_prompt
from engine.speech.audio import FRAME_SECONDS, write_wav
from engine.speech.ear import (
    Clip,
    Ear,
    EarEvent,
    NoSpeech,
    Recorder,
    SpeechDismissed,
    SpeechEnded,
    SpeechGoesOn,
    SpeechNoticed,
    SpeechPaused,
    SpeechStarted,
)
from engine.speech.endpoint import Completeness
from engine.speech.mouth import Mouth
from engine.speech.saying import Said
from engine.speech.tone import tone

LONGEST_SPEECH: Final = 60.0
"""Seconds after which whoever waits for our words to end goes on in any case."""
LONGEST_HOLD: Final = 1.2
"""Seconds of silence while we find out whether the caller's words are meant for us."""
MOST_WAITED: Final = 0.9
"""Seconds of the silence that ended the caller's words which count as waiting for us."""
VOICELESS: Final = "engine.voiceless"
"""The prompt that is still heard where every voice has failed, if it is recorded."""
LATE_HASH: Final = 2.0
"""Seconds within which a `#` still belongs to an answer that was complete without it."""


class Sound:
    """Ear, mouth, keypad and recordings of one call. `report` takes every event, `timing` seconds of a stage;
    `start` runs a task that belongs to the call."""

    def __init__(
        self,
        line: Line,
        parts: Parts,
        folder: Path,
        report: Callable[[Event], None],
        start: Callable[[Coroutine[None, None, None]], object],
        timing: Callable[[str, float], None],
    ) -> None:
        self._parts = parts
        self._start = start
        self._folder = folder
        self._report = report
        self._rate = line.rate
        self.ear = Ear(parts.detector, line.rate, parts.compiled.flow.slots)
        self.mouth = Mouth(parts.renderer, None, line.send, line.rate, clock=parts.ticks, tap=self._ours, cut=line.cut)
        self._say: Say | None = None
        self._saying: asyncio.Future[Said] | None = None
        self._waiting: Listen | None = None
        self._turn = 0
        self._recorder: Recorder | None = None
        self._record = 0, ""
        self._last_key = ""
        self._keyed_at = -LATE_HASH
        self._recording: CallRecording | None = None
        self._discretion = Discretion(parts.compiled.flow)
        self.collector: Collector | None = None
        self.speech_ended: float | None = None
        """When the caller's last words ended, by the monotonic clock, until we have answered them."""
        self._timing = timing
        self._answering: dict[int, tuple[float, float | None]] = {}
        """For each `Say` that is not over: when it was to be spoken, and the end of the caller's words that it answers
        (by the monotonic clock); None for one that answers none."""
        self._hearing = Hearing(parts, line.rate, start, report, timing, self)
        self._startled = False
        """Whether we hold our breath only because of what was noticed last, which may be nothing."""
        self._over_us = False
        """Whether the caller's last words began while we spoke, and we have not given up the word for them."""
        self._held = 0
        """Frames for which we have held our breath because the caller speaks."""
        self._dismissed = 0, 0
        """Turn and version of words that were not meant for us."""
        self._endless = False
        """Whether what sounded like speech had no end: then it does not interrupt us until it ends by silence."""

    # what we do

    def say(self, say: Say) -> None:
        """Plays prompts after whatever is being said; reports `Spoken` at their end."""
        flow = self._parts.compiled.flow
        spoken = utterances(say, self._parts.persona, flow.language, self._parts.clock())
        self._say = say
        filler = all(prompt.situation == "wait" for prompt in say.prompts)
        self._answering[say.say] = self._parts.ticks(), None if filler else self.speech_ended
        self.speech_ended = self.speech_ended if filler else None
        self._saying = self.mouth.say(say.say, spoken)
        self._saying.add_done_callback(self._said)

    def _said(self, done: asyncio.Future[Said]) -> None:
        said = done.result()
        asked, answered = self._answering.pop(said.say, (0.0, None))
        if said.began is not None and answered is not None:
            self._timing("speak", said.began - asked)
            self._timing("answer", said.began - answered)
        if said.end == "failed":
            self._start(self._voiceless(said.why))
        elif said.end == "whole" and self._say is not None and said.say == self._say.say:
            self._report(Spoken(said.say))
            self._open()
            self.ear.prompt_ended()

    async def _voiceless(self, why: str) -> None:
        """No voice is left that speaks: the caller hears recorded last words or else a tone, and whoever holds the
        line gives them to a person."""
        words = await self._last_words()
        longest = len(words) / 2 / self._rate + LONGEST_HOLD
        await asyncio.wait({self.mouth.play(words or tone(self._rate))}, timeout=longest)
        raise PeerError(f"we cannot speak: {why}")

    async def _last_words(self) -> bytes:
        """What is recorded for this moment, if it is there in time."""
        flow, now = self._parts.compiled.flow, self._parts.clock()
        text = engine_prompt(VOICELESS, flow.language) or ""
        own = flow.prompts.get(VOICELESS)
        prompt = Prompt(VOICELESS, own.variants[0].text if own else text, situation="apology")
        words = utterance(prompt, self._parts.persona, flow.language, now)
        try:
            async with asyncio.timeout(LONGEST_HOLD):
                return await self._parts.renderer.last_words(words, self._rate)
        except TimeoutError:
            return b""

    def listen(self, listen: Listen) -> None:
        """Opens the ear for a turn: at once, or after words that must not be interrupted."""
        self._waiting = listen
        self.mouth.caller_waits(None)
        self._hearing.turn_begins(listen)
        self.collector = None
        if self._may_interrupt():
            self._open()
        if not self.mouth.speaking:
            self.ear.prompt_ended()

    def _may_interrupt(self) -> bool:
        """Whether the caller's words count now: nothing is being said that they must hear first."""
        if not self.mouth.speaking or self._say is None:
            return True
        return self._say.interruptible and self.mouth.heard_until(self._say.say) >= self._say.protected

    def _open(self) -> None:
        if self._waiting is not None:
            self._turn = self._waiting.turn
            self.ear.listen(self._turn, self._waiting.expecting)
            self.collector = Collector(self._waiting.expecting)
            self._waiting = None

    def hush(self) -> None:
        self.mouth.hush()

    def caller_waits(self) -> None:
        """The caller can do nothing but wait until we say or ask something."""
        self.mouth.caller_waits(0.0)

    async def spoken(self) -> None:
        """Waits until everything that was to be said has been played."""
        if self._saying is not None and not self._saying.done():
            await asyncio.wait({self._saying}, timeout=LONGEST_SPEECH)

    async def record(self, act: int, name: str, longest: float) -> None:
        """Keeps what the caller says after a tone; reports `Recorded`."""
        self.mouth.caller_waits(None)
        await self.spoken()
        await asyncio.wait({self.mouth.play(tone(self._rate))}, timeout=LONGEST_SPEECH)
        self._record = act, name
        self._recorder = Recorder(self._parts.detector, self._rate, longest)

    def record_call(self) -> None:
        """From now on both sides are kept."""
        if self._recording is None:
            self._recording = CallRecording(self._folder / "call.wav", self._rate, self._parts.disk)
            self._recording.quiet = self._discretion.quiet

    def happened(self, event: Event, effects: Sequence[Effect]) -> None:
        """What has just happened and what we do about it: the recording is silent where a sensitive value is spoken or
        keyed in. To be called before the effects are performed."""
        stretch = self._discretion.event(event, self._recording.position if self._recording else 0.0)
        self._discretion.effects(effects)
        if self._recording is not None:
            if stretch is not None:
                self._recording.blank(*stretch)
            self._recording.quiet = self._discretion.quiet

    def stop_recording(self) -> None:
        if self._recording is not None:
            self._recording.close()

    @property
    def recording(self) -> Path | None:
        """Where the recording of the whole call lies, if it was allowed."""
        return self._recording.path if self._recording else None

    def caller_gone(self) -> None:
        """Nobody hears us any more."""
        self.mouth.hush()

    async def close(self) -> None:
        """Ends what is being recorded; a caller who hung up while leaving a message is kept as far as they came. Waits
        a little for the disk."""
        self._hearing.close()
        self.stop_recording()
        if self._recorder is not None:
            await self._keep(self._recorder.finish("hung up"))
        if self._recording is not None and self._recording.written is not None:
            await written(self._recording.written, str(self._recording.path))

    # what the caller does

    def frame(self, samples: bytes) -> None:
        """20 ms of the caller."""
        if self._recording is not None:
            self._recording.caller(samples)
        if self._waiting is not None and self._may_interrupt():
            self._open()
        if self._recorder is not None:
            clip = self._recorder.feed(samples)
            if clip is not None:
                self._recorder = None
                self._start(self._keep(clip))
            return
        for event in self.ear.feed(samples):
            self._sensed(event)
        if self.mouth.paused:
            self._hold_breath()

    def _sensed(self, event: EarEvent) -> None:
        match event:
            case SpeechNoticed(turn=turn) if turn == self._turn:
                self._startled = not self.mouth.paused
                self._hush_for_now()
            case SpeechDismissed():
                if self._startled:
                    self.mouth.resume()
            case SpeechStarted(turn=turn) if turn == self._turn:
                self._hearing.caller_speaks(event)
                self.mouth.caller_waits(None)
                self._over_us = self._may_be_interrupted()
                self._hush_for_now()
            case SpeechGoesOn():
                self._hearing.goes_on(event)
            case SpeechPaused():
                self._hearing.paused(event)
            case SpeechEnded():
                ago = (event.decided_frame - event.ended_frame) * FRAME_SECONDS
                self._endless = ago == 0
                if (event.turn, event.version) == self._dismissed:
                    self.ear.unanswered()
                elif self._hearing.awaits(event.turn):
                    self.speech_ended = self._parts.ticks() - ago
                    self.mouth.caller_waits(min(ago, MOST_WAITED))
                    self._timing("endpoint", ago)
                    self._hearing.ended(event)
            case NoSpeech():
                self._report(Silence(event.turn))
            case _:
                pass

    def _hush_for_now(self) -> None:
        """The caller speaks, or seems to: we hold our breath until we know what it is."""
        if self._may_be_interrupted():
            self.mouth.pause()
            self._held = 0

    def _may_be_interrupted(self) -> bool:
        return self.mouth.speaking and self._may_interrupt() and not self._endless

    def judge(self, turn: int, version: int, completeness: Completeness, matters: bool) -> None:
        """What came of the words before a pause. Words that matter end ours; others, such as a murmur that they listen,
        let us go on where we stopped."""
        self.ear.judge(turn, version, completeness)
        if self.mouth.paused:
            if matters:
                self.barge_in()
            elif self.ear.paused(turn, version):
                self._dismissed = turn, version
                self.mouth.resume()

    def accepts(self, turn: int, version: int, matters: bool) -> bool:
        """Whether an utterance that is over counts as the caller's answer."""
        if not self._over_us and not (self._endless and self.mouth.speaking):
            return True
        if matters:
            self.barge_in()
        else:
            self._go_on()
        return matters

    def _go_on(self) -> None:
        """Nothing was said to us: our words go on where they stopped."""
        self.speech_ended = None
        self.mouth.caller_waits(None)
        self.mouth.resume()
        self.ear.unanswered()

    def _hold_breath(self) -> None:
        """We wait to hear what the caller means for so long, and no longer."""
        self._held += 1
        if self._held * FRAME_SECONDS >= LONGEST_HOLD:
            if self.ear.speaking:
                self.barge_in()
            else:
                self._go_on()

    def barge_in(self) -> None:
        """The caller answers or keys over us: we stop within a frame, and say how far they heard us."""
        if self._may_interrupt():
            self.cut()

    def cut(self) -> None:
        """We stop within a frame, whoever may interrupt, and say how far the caller heard us."""
        if not self.mouth.speaking or self._say is None:
            return
        said = self.mouth.hush()
        self._over_us = False
        self.ear.prompt_ended()
        if said is not None:
            self._report(Interrupted(said.say, said.heard_until))

    def key(self, key: str) -> None:
        """A key of the caller; in a recording `#` ends it and `*0` leaves it for a person."""
        if self._recorder is not None:
            if key == "#":
                clip, self._recorder = self._recorder.finish("stopped"), None
                self._start(self._keep(clip))
            elif self._last_key + key == "*0":
                self._recorder = None
                self._report(Digits(self._turn, "*0"))
            self._last_key = key
            return
        if self.collector is None:
            return
        now = self._parts.ticks()
        if key == "#" and self.collector.empty and now - self._keyed_at < LATE_HASH:
            return
        self.barge_in()
        keys = self.collector.press(key, now)
        if keys is not None:
            self._keyed_at = now
            self.caller_waits()
            self._report(Digits(self._turn, keys))

    def expire_keys(self) -> None:
        """To be called once the collector's deadline has passed."""
        keys = self.collector.expire(self._parts.ticks()) if self.collector else None
        if keys is not None:
            self.caller_waits()
            self._report(Digits(self._turn, keys))

    def _ours(self, samples: bytes) -> None:
        self.ear.ours(samples)
        if self._recording is not None:
            self._recording.ours(samples)

    async def _keep(self, clip: Clip) -> None:
        """Reports what was recorded once it is on disk; as nothing where the disk does not take it in time."""
        act, name = self._record
        path = self._folder / f"{name}.wav"

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(str(path), clip.samples, clip.rate)

        self.caller_waits()
        kept = bool(clip.samples) and await written(self._parts.disk.write(write), str(path))
        self._report(Recorded(act, f"{self._folder.name}/{path.name}" if kept else "", clip.seconds if kept else 0.0))
