"""How well turns end and how soon we fall silent, on marked recordings: `turns.py --data DIR [--every N] [--json]`.

DIR is the folder of recordings that `hearing.py` takes. Each goes through mu-law and, frame by frame, through the ear,
the recogniser and the judgement of a call, on a clock of frames instead of a real one: words are there `--words`
milliseconds after the pause that asked for them. Where speech begins and ends is known from the recording before noise
is added; the noise is recorded too.

- `cut_off`: the answer was over for us before its last sound
- `after`: from its last sound until it was over for us
- `notice`: from its first sound until we hold our breath; our last sound leaves within two frames of that
- `numbers in groups` are digits of one speaker, joined with a pause of 0.2 to 0.9 s between two groups
- `nobody`: what sounds that are nobody's speech do while we speak, per minute: how often we hold our breath, how often
  that is taken for speech, and how often we give up the word. They are recorded noise, recordings in which nobody
  speaks, and our own voice, 30 dB down, in the caller's microphone
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from hearing import FLOW, NOW, QUESTIONS, RATE, SLOTS

from engine.call.finished import completeness, matters
from engine.effects import Expecting
from engine.persona.prosody import Prosody, Utterance
from engine.speech.audio import FRAME_SECONDS, frames, linear_to_mulaw, mulaw_to_linear, read_wav, to_array, to_bytes
from engine.speech.ear import (
    Ear,
    SpeechDismissed,
    SpeechEnded,
    SpeechGoesOn,
    SpeechNoticed,
    SpeechPaused,
    SpeechStarted,
)
from engine.speech.endpoint import Completeness
from engine.speech.grammar import Grammars
from engine.speech.rendering import Renderer
from engine.speech.stt import Following, following
from engine.speech.vendors.pocketsphinx_stt import Pocketsphinx
from engine.speech.vendors.silero import Silero
from engine.speech.voices import open_voice
from engine.understanding.cascade import Understanding

AUDIBLE: Final = 60
"""Root mean square, of 32768: louder than this is heard."""
FAINTEST: Final = 0.04
STEP: Final = RATE // 100
LEAD, ROOM = 0.6, 3.0
"""Seconds of quiet before and after each recording."""
ECHO_DB: Final = 30.0
ECHO_LATE: Final = 0.12
"""Seconds until our voice comes back."""
LEVELS: Final[tuple[float | None, ...]] = (None, 20.0, 10.0, 5.0)
KINDS: Final[Mapping[str, str]] = {"yes_no": "yes and no", "confirm": "yes and no", "code": "numbers in groups"}
"""What the answers to a question are; the others are by what the words were judged to be."""


@dataclass(frozen=True, slots=True)
class Case:
    """Samples at 8 kHz without noise, and the question that they answer."""

    samples: np.ndarray[Any, Any]
    question: str


@dataclass
class Kind:
    """Figures of one kind of answer; milliseconds."""

    n: int = 0
    cut_off: int = 0
    unheard: int = 0
    after: list[float] = field(default_factory=list)
    notice: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        counts = {"n": self.n, "cut_off": self.cut_off, "unheard": self.unheard}
        return {**counts, "after_ms": spread(self.after), "notice_ms": spread(self.notice)}


def spread(times: Sequence[float]) -> dict[str, float]:
    """p50 and p95."""
    if not times:
        return {}
    ordered = sorted(times)
    return {"p50": round(statistics.median(ordered)), "p95": round(ordered[round(0.95 * (len(ordered) - 1))])}


def audible(sound: np.ndarray[Any, Any]) -> tuple[int, int]:
    """The first and the last sample of the speech: 10 ms louder than the noise of the recording itself, and than what
    lies 28 dB below its loudest 10 ms."""
    whole = sound[: len(sound) // STEP * STEP].astype(np.float64).reshape(-1, STEP)
    levels = np.sqrt(np.mean(whole**2, axis=1))
    places = np.flatnonzero(levels > max(AUDIBLE, levels.max() * FAINTEST, 3 * np.quantile(levels, 0.1)))
    return (int(places[0]) * STEP, int(places[-1] + 1) * STEP) if places.size else (0, 0)


def cases(data: Path, every: int) -> Iterator[Case]:
    """Single words of many people, joined words of one person, whole phrases, and numbers in groups."""
    items = [json.loads(line) for line in (data / "transcripts.jsonl").read_text().splitlines()]
    words = [item for item in items if item["path"].startswith(("yesno/", "slots", "digits/"))]
    asked = {"yesno": "yes_no", "datetime": "datetime", "party_size": "party", "party": "party"}
    for item in words[::every]:
        if item["slot"] in asked:
            yield Case(to_array(read_wav(data / item["path"], RATE).samples), asked[item["slot"]])
            if item["slot"] == "yesno":
                yield Case(to_array(read_wav(data / item["path"], RATE).samples), "confirm")
    yield from joined(data, [item for item in items if item["path"].startswith("digits/")], every)


def joined(data: Path, digits: Sequence[Mapping[str, Any]], every: int) -> Iterator[Case]:
    """Numbers of six to ten digits by one speaker each, in groups with pauses of 0.2 to 0.9 s between them."""
    chance = np.random.default_rng(11)
    by_speaker: dict[str, list[np.ndarray[Any, Any]]] = {}
    for item in digits:
        sound = to_array(read_wav(data / item["path"], RATE).samples)
        first, last = audible(sound)
        by_speaker.setdefault(item["speaker"], []).append(sound[first : last + 1])
    for number in range(200 // every):
        own = by_speaker[sorted(by_speaker)[number % len(by_speaker)]]
        gap, groups = float(chance.uniform(0.2, 0.9)), []
        for size in chance.integers(3, 5, size=2):
            chosen = chance.integers(0, len(own), size=size)
            groups.append(np.concatenate([np.pad(own[which], (0, 400)) for which in chosen]))
        quiet = np.zeros(round(gap * RATE), np.int16)
        yield Case(np.concatenate([groups[0], quiet, groups[1]]), "code")


def noises(data: Path) -> np.ndarray[Any, Any]:
    return np.concatenate([to_array(read_wav(path, RATE).samples) for path in sorted((data / "noise").glob("*.wav"))])


def on_the_line(sound: np.ndarray[Any, Any]) -> bytes:
    """As a telephone carries it."""
    return mulaw_to_linear(linear_to_mulaw(to_bytes(np.clip(sound, -32768, 32767).astype(np.int16))))


def mixed(case: Case, noise: np.ndarray[Any, Any], level: float | None, number: int) -> bytes:
    """The recording with quiet around it and, at so many dB below the speech, a stretch of recorded noise."""
    sound = np.pad(case.samples.astype(np.float64), (round(LEAD * RATE), round(ROOM * RATE)))
    if level is not None:
        begin = number * 7919 % (len(noise) - len(sound))
        stretch = noise[begin : begin + len(sound)].astype(np.float64)
        first, last = audible(case.samples)
        speech = np.sqrt(np.mean(np.square(case.samples[first : last + 1], dtype=np.float64)))
        sound += stretch * speech / max(1.0, float(np.sqrt(np.mean(stretch**2)))) / 10 ** (level / 20)
    return on_the_line(sound)


@dataclass
class Hearer:
    """What a call does with the ear, frame by frame, without a clock."""

    ear: Ear
    expecting: Expecting
    recogniser: Pocketsphinx
    understanding: Understanding
    late: int
    """Frames from a pause until its words are there."""
    judged: Completeness = Completeness.EXTENDABLE
    noticed: int | None = None
    interrupted: bool = False
    _following: Following | None = None
    _due: tuple[int, SpeechPaused] | None = None

    async def hear(self, samples: bytes) -> SpeechEnded | None:
        """The first utterance that was over."""
        for frame in frames(samples, RATE):
            for event in self.ear.feed(frame):
                match event:
                    case SpeechNoticed():
                        self.noticed = self.noticed or self.ear.frame
                    case SpeechDismissed():
                        self.noticed = None
                    case SpeechStarted(samples=sound):
                        self._following = following(self.recogniser, RATE, self.expecting)
                        self._following.feed(sound)
                    case SpeechGoesOn(samples=sound) if self._following is not None:
                        self._following.feed(sound)
                    case SpeechPaused():
                        self._due = self.ear.frame + self.late, event
                    case SpeechEnded():
                        self.close()
                        return event
            if self._due is not None and self.ear.frame >= self._due[0]:
                await self._judge(self._due[1])
                self._due = None
        self.close()
        return None

    def close(self) -> None:
        if self._following is not None:
            self._following.close()

    async def _judge(self, pause: SpeechPaused) -> None:
        if self._following is None or not self.ear.paused(pause.turn, pause.version):
            return
        heard = await self._following.words()
        acts = self.understanding.understand(heard.text, self.expecting, NOW, heard.alternatives, heard.confidence).acts
        self.judged = completeness(heard.text, acts, heard.confidence, self.expecting, FLOW)
        self.interrupted = self.interrupted or matters(heard.text, acts, "en")
        self.ear.judge(pause.turn, pause.version, self.judged)


class Bench:
    """One recogniser and one detector for everything."""

    def __init__(self, words: float) -> None:
        self.recogniser = Pocketsphinx(Grammars(FLOW), workers=2, deadline=60.0)
        self.understanding = Understanding(FLOW)
        self.detector = Silero()
        self.late = max(1, round(words / 1000 / FRAME_SECONDS))

    def hearer(self, question: str) -> Hearer:
        ear = Ear(self.detector, RATE, SLOTS)
        ear.listen(0, QUESTIONS[question])
        return Hearer(ear, QUESTIONS[question], self.recogniser, self.understanding, self.late)

    async def turn(self, case: Case, sound: bytes, kinds: dict[str, Kind]) -> None:
        hearer = self.hearer(case.question)
        ended = await hearer.hear(sound)
        complete = hearer.judged is Completeness.COMPLETE
        name = KINDS.get(case.question) or ("complete" if complete else "extendable")
        if name == "yes and no" and not complete:
            name = "yes and no, not known to be all"
        kind = kinds.setdefault(name, Kind())
        first, last = (place / RATE + LEAD for place in audible(case.samples))
        kind.n += 1
        if ended is None:
            kind.unheard += 1
            return
        over = ended.decided_frame * FRAME_SECONDS
        if over < last:
            kind.cut_off += 1
        else:
            kind.after.append(1000 * (over - last))
        if hearer.noticed is not None:
            kind.notice.append(1000 * (hearer.noticed * FRAME_SECONDS - first))

    async def turns(
        self, level: float | None, all_cases: Sequence[Case], noise: np.ndarray[Any, Any]
    ) -> dict[str, Any]:
        """All cases at one level of noise, two at a time."""
        kinds: dict[str, Kind] = {}
        places = asyncio.Semaphore(2)

        async def one(number: int, case: Case) -> None:
            async with places:
                await self.turn(case, mixed(case, noise, level, number), kinds)

        await asyncio.gather(*(one(number, case) for number, case in enumerate(all_cases)))
        return {name: kind.told() for name, kind in sorted(kinds.items())}

    async def nobody(self, sound: np.ndarray[Any, Any], ours: np.ndarray[Any, Any] | None = None) -> dict[str, Any]:
        """What sounds that are nobody's speech do to us while we speak; `ours` is what we say meanwhile."""
        short: list[float] = []
        held = started = meant = begun = 0
        hearer = self.hearer("yes_no")
        said = frames(to_bytes(ours), RATE) if ours is not None else iter(())
        for frame in frames(on_the_line(sound), RATE):
            hearer.ear.ours(next(said, b""))
            for event in hearer.ear.feed(frame):
                held += isinstance(event, SpeechNoticed)
                begun = hearer.ear.frame if isinstance(event, SpeechNoticed) else begun
                if isinstance(event, SpeechDismissed):
                    short.append(1000 * FRAME_SECONDS * (hearer.ear.frame - begun + 1))
                started += isinstance(event, SpeechStarted)
                if isinstance(event, SpeechEnded):
                    heard = await self.recogniser.recognise(event.samples, RATE, hearer.expecting)
                    acts = self.understanding.understand(heard.text, hearer.expecting, NOW).acts
                    meant += bool(heard.text) and matters(heard.text, acts, "en")
                    hearer.ear.listen(0, hearer.expecting)
        minutes = len(sound) / RATE / 60
        return {
            "minutes": round(minutes, 2),
            "held_a_minute": round(held / minutes, 2),
            "dismissed_after_ms": spread(short),
            "taken_for_speech_a_minute": round(started / minutes, 2),
            "interrupted_a_minute": round(meant / minutes, 3),
        }


async def own_voice() -> np.ndarray[Any, Any]:
    """A minute of our own prompts."""
    text = (
        "Good evening, thank you for calling. Would you like to book a table, change a booking, or ask something else?"
        " We are open from Tuesday to Sunday, from noon until half past ten in the evening. On Saturday there is a"
        " table for four at half past seven. Shall I take it? I have your number from your line."
    )
    renderer = Renderer(open_voice("espeak"), None)
    try:
        whole = to_array(await renderer.whole(Utterance(text, "en", Prosody()), RATE))
    finally:
        await renderer.close()
    return np.tile(whole, 1 + 60 * RATE // len(whole))


async def run(asked: argparse.Namespace) -> dict[str, Any]:
    bench, noise = Bench(asked.words), noises(asked.data)
    everything = list(cases(asked.data, asked.every))
    result: dict[str, Any] = {"utterances": len(everything), "turns": {}, "nobody": {}}
    try:
        await bench.recogniser.warm(QUESTIONS.values())
        for level in asked.levels:
            name = "clean" if level is None else f"{level:g} dB"
            result["turns"][name] = await bench.turns(level, everything, noise)
            print(f"{name}: {json.dumps(result['turns'][name])}", file=sys.stderr)
        silent = sorted((asked.data / "reject").glob("silence_*.wav"))
        result["nobody"]["noise"] = await bench.nobody(noise)
        result["nobody"]["nobody speaks"] = await bench.nobody(
            np.concatenate([to_array(read_wav(path, RATE).samples) for path in silent])
        )
        ours = await own_voice()
        echo = np.pad(ours.astype(np.float64) / 10 ** (ECHO_DB / 20), (round(ECHO_LATE * RATE), 0))
        result["nobody"][f"our own voice, {ECHO_DB:g} dB down"] = await bench.nobody(echo, ours)
    finally:
        await bench.recogniser.close()
    return result


def levels(text: str) -> list[float | None]:
    return [None if part == "clean" else float(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recordings")
    parser.add_argument("--every", type=int, default=1, help="take each Nth recording only")
    parser.add_argument("--levels", type=levels, default=list(LEVELS), help="noise in dB: clean,20,10,5")
    parser.add_argument("--words", type=float, default=40.0, help="milliseconds from a pause until its words are there")
    parser.add_argument("--json", action="store_true", help="JSON in one line; it is JSON either way")
    asked = parser.parse_args()
    print(json.dumps(asyncio.run(run(asked)), indent=None if asked.json else 1))


if __name__ == "__main__":
    main()
