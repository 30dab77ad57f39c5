"""One caller's ear: frames in, beginnings and ends of speech out, counted in frames and never by a clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from engine.effects import Expecting
from engine.flow.model import Slot
from engine.speech.audio import FRAME_SECONDS, frame_bytes
from engine.speech.echo import OwnVoice
from engine.speech.endpoint import (
    OTHERWISE,
    PATIENCE,
    SURE_SPEECH,
    Completeness,
    Patience,
    Phase,
    Progress,
    Sign,
    advance,
    patience_for,
)
from engine.speech.guard import Guarded
from engine.speech.habits import SHORTEST, Habits, adapted
from engine.speech.vad import Detector

PREROLL: Final = 15
"""Frames kept from before the detector noticed anything (300 ms), so that the first sound is not lost."""
TAIL: Final = 10
"""Frames of silence kept after the last sound (200 ms)."""
MISSED: Final = 15
"""Frames of sound (0.3 s) that the detector took for silence, though by its level it may be speech."""
MISSED_FOR: Final = 70
"""Frames of silence after such sound (1.4 s) after which the caller is asked again, if the detector may be deaf."""
RESUMED_WITHIN: Final = 30
"""Frames after the end of an answer (0.6 s) within which a caller who speaks was cut off rather than answering us."""
_SOUNDING: Final = (Phase.RISING, Phase.SPEAKING)


@dataclass(frozen=True, slots=True)
class SpeechNoticed:
    """What may be speech began with this frame; `SpeechStarted` or `SpeechDismissed` follows."""

    turn: int


@dataclass(frozen=True, slots=True)
class SpeechDismissed:
    """What was noticed was too short to be speech."""

    turn: int


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller surely speaks; the first sound was in frame `at_frame`. `samples` are those up to now, with a little
    of what came before. The same speech starts again when it is found to belong to a later turn."""

    turn: int
    at_frame: int
    samples: bytes = b""


@dataclass(frozen=True, slots=True)
class SpeechGoesOn:
    """The next sound of an utterance that has started, and of the silence that may end it."""

    turn: int
    samples: bytes


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """What was said so far may be all; whoever recognises it tells `Ear.judge` how complete it is. A later pause of the
    same utterance has a higher `version`."""

    turn: int
    version: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """One whole utterance with a little silence around it. The speech itself is `started_frame` up to, not including,
    `ended_frame`; `decided_frame` is when it was known to be over. `version` is that of the pause since which nothing
    was said; 0 if there was none."""

    turn: int
    samples: bytes
    started_frame: int
    ended_frame: int
    decided_frame: int
    version: int = 0


@dataclass(frozen=True, slots=True)
class NoSpeech:
    """Nothing was said within `Expecting.noinput` seconds after the prompt ended."""

    turn: int


EarEvent: TypeAlias = (
    SpeechNoticed | SpeechDismissed | SpeechStarted | SpeechGoesOn | SpeechPaused | SpeechEnded | NoSpeech
)


@dataclass(slots=True)
class _Question:
    """What is listened for now. `since` is the frame at which it was asked; `quiet` counts frames after the prompt."""

    turn: int
    noinput_frames: int
    since: int
    prompt_over: bool = False
    quiet: int = 0
    missed: int = 0
    """Frames of sound since the prompt that the detector took for silence, and may be speech."""
    still: int = 0
    """Frames since the last such frame."""
    answered: bool = False


@dataclass(slots=True)
class _Speech:
    """An utterance that goes on. `turn` is None when nobody had asked anything when it began."""

    started: int
    turn: int | None
    last_sound: int
    confirmed: bool = False
    version: int = 0
    """Of the last pause."""
    paused: bool = False
    """Whether nothing was said since that pause."""
    completeness: Completeness = Completeness.EXTENDABLE
    frames: list[bytes] = field(default_factory=list)


class Ear:
    """Feed it every frame of the caller from the start of the call; the same frames give the same events.

    `slots` are the flow's: what is asked for decides how long a pause may be. Frames are counted from 0.
    """

    def __init__(self, detector: Detector, rate: int, slots: Mapping[str, Slot] | None = None) -> None:
        self.rate = rate
        self.frame = 0
        self._slots: Mapping[str, Slot] = slots or {}
        self._listening = Guarded(detector.listening(rate), rate)
        self._deaf = True
        """Whether the detector may be deaf: it has heard nobody yet, or missed what may have been an answer."""
        self._own_voice = OwnVoice()
        self._frame_bytes = frame_bytes(rate)
        self._rest = b""
        self._before: deque[bytes] = deque(maxlen=PREROLL)
        self._progress = Progress()
        self._usual: Patience = OTHERWISE
        self._patience: Patience = OTHERWISE
        self._habits = Habits()
        self._cut_off: tuple[int, int, Patience, Completeness] | None = None
        """Of the last answer that was not known to be complete: the frames of its last sound and of its end."""
        self._question: _Question | None = None
        self._speech: _Speech | None = None

    @property
    def speaking(self) -> bool:
        """Whether the caller surely speaks at this moment."""
        return self._speech is not None and self._speech.confirmed

    def ours(self, samples: bytes) -> None:
        """A frame that we sent to the caller; its echo does not begin an utterance."""
        self._own_voice.said(samples)

    def listen(self, turn: int, expecting: Expecting) -> None:
        """From now on speech answers this turn. Speech that already goes on stays with the turn before, until more of
        it lies after this moment than before. Silence is counted from `prompt_ended`."""
        self._usual = patience_for(expecting, self._slots)
        self._patience = adapted(self._usual, self._habits)
        self._question = _Question(turn, round(expecting.noinput / FRAME_SECONDS), self.frame)

    def judge(self, turn: int, version: int, completeness: Completeness) -> None:
        """How complete the words before a pause are: the silence that ends them is shorter or longer for it. Ignored
        when the caller has gone on since, or the utterance is over."""
        speech = self._speech
        if speech is not None and speech.paused and (speech.turn, speech.version) == (turn, version):
            speech.completeness = completeness

    def unanswered(self) -> None:
        """The last utterance was no answer: silence is counted again."""
        if self._question is not None:
            self._question.answered = False

    def paused(self, turn: int, version: int) -> bool:
        """Whether nothing was said since that pause of that turn."""
        speech = self._speech
        return speech is None or (speech.paused and (speech.turn, speech.version) == (turn, version))

    def prompt_ended(self) -> None:
        """The caller has heard the question to its end (or it was cut off): their silence counts from now."""
        if self._question is not None:
            self._question.prompt_over = True

    def feed(self, samples: bytes) -> tuple[EarEvent, ...]:
        """Takes samples of any length; works in whole frames of 20 ms."""
        self._rest += samples
        events: list[EarEvent] = []
        while len(self._rest) >= self._frame_bytes:
            frame, self._rest = self._rest[: self._frame_bytes], self._rest[self._frame_bytes :]
            events += self._hear(frame)
        return tuple(events)

    def _hear(self, frame: bytes) -> list[EarEvent]:
        probability = self._listening.feed(frame)
        if probability >= SURE_SPEECH and not self.speaking and self._own_voice.explains(frame):
            probability = 0.0
        before = self._progress
        completeness = self._speech.completeness if self._speech else Completeness.EXTENDABLE
        self._progress, sign = advance(before, probability, self._patience, completeness)
        events: list[EarEvent] = []
        self._learn(before, sign)
        if self._speech is None and self._progress.phase is Phase.RISING:
            turn = self._question.turn if self._question else None
            self._speech = _Speech(self.frame, turn, self.frame, frames=list(self._before))
            events += [SpeechNoticed(turn)] if turn is not None else []
        if self._speech is not None:
            if self._progress.phase in _SOUNDING or (sign == "ended" and before.phase in _SOUNDING):
                self._speech.last_sound = self.frame
                self._speech.paused, self._speech.completeness = False, Completeness.EXTENDABLE
            events += self._follow(self._speech, frame, sign)
            if self._progress.phase is Phase.QUIET:
                if before.phase is Phase.RISING and self._speech.turn is not None:
                    events.append(SpeechDismissed(self._speech.turn))
                self._speech = None
        self._before.append(frame)
        self.frame += 1
        return events + self._count_silence(self._listening.missed and not self._own_voice.explains(frame))

    def _learn(self, before: Progress, sign: Sign) -> None:
        """The caller's pauses: those inside an answer, and those that we took for its end."""
        speech = self._speech
        goes_on = before.phase is Phase.FALLING and self._progress.phase is Phase.SPEAKING
        if goes_on and speech is not None and before.frames * FRAME_SECONDS >= SHORTEST:
            self._paused(before.frames, self._usual, speech.completeness)
        if sign == "started" and speech is not None and self._cut_off is not None:
            sounded, ended, usual, completeness = self._cut_off
            if speech.started - ended <= RESUMED_WITHIN:
                self._paused(speech.started - sounded, usual, completeness)
        if sign == "ended" and speech is not None:
            sure = speech.completeness is Completeness.COMPLETE or before.phase in _SOUNDING
            self._cut_off = None if sure else (speech.last_sound, self.frame, self._usual, speech.completeness)

    def _paused(self, frames: int, usual: Patience, completeness: Completeness) -> None:
        self._habits = self._habits.after(frames * FRAME_SECONDS, usual, completeness)
        self._patience = adapted(self._usual, self._habits)

    def _follow(self, speech: _Speech, frame: bytes, sign: Sign) -> list[EarEvent]:
        events: list[EarEvent] = []
        speech.frames.append(frame)
        moved = self._moved(speech)
        if moved is not None:
            speech.turn = moved
        if (self._progress.phase is Phase.SPEAKING and not speech.confirmed) or (
            speech.confirmed and moved is not None
        ):
            speech.confirmed = True
            if speech.turn is not None:
                events.append(SpeechStarted(speech.turn, speech.started, b"".join(speech.frames)))
        elif speech.confirmed and speech.turn is not None:
            events.append(SpeechGoesOn(speech.turn, frame))
        if sign == "paused" and speech.turn is not None:
            speech.version, speech.paused = speech.version + 1, True
            events.append(SpeechPaused(speech.turn, speech.version))
        if sign == "ended" and speech.turn is not None:
            events.append(self._utterance(speech, speech.turn))
        return events

    def _moved(self, speech: _Speech) -> int | None:
        """The turn that this speech belongs to from now on, if that changes with this frame."""
        question = self._question
        if question is None or question.turn == speech.turn:
            return None
        more_after = speech.last_sound - question.since > question.since - speech.started
        return question.turn if more_after else None

    def _utterance(self, speech: _Speech, turn: int) -> SpeechEnded:
        if self._question is not None and self._question.turn == turn:
            self._question.answered = True
        ended = speech.last_sound + 1
        kept = len(speech.frames) - max(0, self.frame + 1 - ended - TAIL)
        version = speech.version if speech.paused else 0
        return SpeechEnded(turn, b"".join(speech.frames[:kept]), speech.started, ended, self.frame + 1, version)

    def _count_silence(self, missed: bool) -> list[EarEvent]:
        question = self._question
        self._deaf = self._deaf and not self.speaking
        if question is None or question.answered or not question.prompt_over or self.speaking:
            return []
        question.quiet += 1
        question.missed += missed
        question.still = 0 if missed else question.still + 1
        nothing_heard = question.missed >= MISSED and question.still >= MISSED_FOR and self._deaf
        if question.quiet < question.noinput_frames and not nothing_heard:
            return []
        question.answered = True
        self._deaf = self._deaf or question.missed >= MISSED
        return [NoSpeech(question.turn)]


@dataclass(frozen=True, slots=True)
class Clip:
    """What a `Recorder` kept: nothing when nobody spoke. `why` it ended: silence, longest, stopped."""

    samples: bytes
    rate: int
    why: str

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / self.rate


class Recorder:
    """Keeps a message or a spoken name until `silence` seconds of silence after speech, `longest` seconds in all, or
    `patience` seconds in which nobody begins to speak. Silence around the speech is cut off."""

    def __init__(
        self,
        detector: Detector,
        rate: int,
        longest: float,
        silence: float = PATIENCE["message"].extendable,
        patience: float = 6.0,
    ) -> None:
        self._rate = rate
        self._listening = Guarded(detector.listening(rate), rate)
        self._patience = Patience(silence, silence, silence, longest=longest)
        self._start_frames = round(patience / FRAME_SECONDS)
        self._frame_bytes = frame_bytes(rate)
        self._rest = b""
        self._frames: list[bytes] = []
        self._progress = Progress()
        self._first: int | None = None
        self._last = 0

    def feed(self, samples: bytes) -> Clip | None:
        """Takes samples of any length; answers once, when the recording is over."""
        self._rest += samples
        while len(self._rest) >= self._frame_bytes:
            frame, self._rest = self._rest[: self._frame_bytes], self._rest[self._frame_bytes :]
            why = self._keep(frame)
            if why:
                return self.finish(why)
        return None

    def finish(self, why: str = "stopped") -> Clip:
        """What there is so far (the caller pressed `#` or hung up)."""
        if self._first is None:
            return Clip(b"", self._rate, why)
        kept = self._frames[max(0, self._first - PREROLL) : self._last + 1 + PREROLL]
        return Clip(b"".join(kept), self._rate, why)

    def _keep(self, frame: bytes) -> str | None:
        self._frames.append(frame)
        now = len(self._frames) - 1
        self._progress, sign = advance(self._progress, self._listening.feed(frame), self._patience)
        if self._progress.phase is Phase.SPEAKING:
            self._last = now
            if self._first is None:
                self._first = now + 1 - self._progress.total
        if len(self._frames) >= self._patience.longest_frames:
            return "longest"
        nobody = self._first is None and self._progress.phase is Phase.QUIET and now + 1 >= self._start_frames
        return "silence" if sign == "ended" or nobody else None
