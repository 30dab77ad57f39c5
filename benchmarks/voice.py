"""Mouth to ear, measured where the caller is: `voice.py [--asterisk] [--noise 20,10] [--at-once 1,5] [-o FILE.svg]`.

A caller made of recordings holds whole booking calls with the trattoria, with the real recogniser, voice and database:
over the real AudioSocket server on loopback, or with `--asterisk` by SIP and RTP through a real Asterisk. Both sides
are kept at the caller's end, each frame with the time at which it left or arrived there. The end of their words and
the beginning of ours are then found in the sound itself:

- `answer`: from the last audible sample of a clip to the first audible sample of our answer (a "one moment" is none)
- `stages`: what of it each stage took, as the call itself reports it
- `cut_off`: our answer, or the end of the utterance, came before the clip was over
- `silenced`: a caller who speaks over us, and is let: from the first audible sample of theirs to the last of ours; such
  clips count neither as answered nor as cut off
- `false`: we fell silent or were interrupted although nobody spoke

`floor` is the same measure for a line that sends the caller's own words straight back: what loopback and frames of
20 ms cost by themselves. `-o` draws the stages.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pictures.stages import drawing  # noqa: E402

from agi.loopback import THINKS, Clip, LoopbackLine, RecordedCaller, Telephone, read_clip  # noqa: E402
from agi.net.audiosocket import AudioSocketServer  # noqa: E402
from engine.actions.store import open_store  # noqa: E402
from engine.call.desk import Desk, DeskSettings  # noqa: E402
from engine.effects import Effect, Listen, Say  # noqa: E402
from engine.events import Event, Heard, Interrupted  # noqa: E402
from engine.flow.loader import load_flow  # noqa: E402
from engine.shipped import find_flow  # noqa: E402
from engine.speech.audio import to_array, to_bytes  # noqa: E402
from engine.speech.engines import Listening  # noqa: E402
from tests.agi.asterisk import Asterisk, an_asterisk  # noqa: E402
from tests.calls.calling import FrontDesk, front_desk, place_call  # noqa: E402

RATE = 8000
AUDIBLE = 200
"""Of 32768: louder than this is heard; the noise of a line is not."""
LONGEST = 180.0
OVER_AFTER = itertools.cycle((0.7, 1.0, 1.3, 1.6, 1.9))
"""Seconds into our words at which a caller speaks over them: always the same place may be a pause of ours."""
KINDS: Mapping[str, str] = {
    "may_record": "yes and no",
    "phone.offer": "yes and no",
    "echo": "yes and no",
    "anything_else": "yes and no",
    "menu": "intent",
    "party_size.ask": "complete",
    "day.ask": "extendable",
    "time.ask": "complete",
}
"""What kind of answer each clip is: "on Saturday" may go on, "at half past seven in the evening" hardly."""


@dataclass
class Heads:
    """A tape with times: every frame as the caller's end sent or got it."""

    sent: list[tuple[float, bytes]] = field(default_factory=list)
    got: list[tuple[float, bytes]] = field(default_factory=list)

    def caller(self, samples: bytes) -> None:
        self.sent.append((time.monotonic(), samples))

    def ours(self, samples: bytes) -> None:
        self.got.append((time.monotonic(), samples))

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Timed(RecordedCaller):
    """A recorded caller who notes when each clip was played, and may speak over our words."""

    over: tuple[str, ...] = ()
    """Prompts over which the caller speaks."""
    played: list[tuple[str, float]] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    interrupted: list[float] = field(default_factory=list)
    stages: list[tuple[str, str, float]] = field(default_factory=list)
    """The clip that was answered, the stage, milliseconds."""

    def timing(self, name: str, milliseconds: float) -> None:
        if self.played:
            self.stages.append((self.played[-1][0], name, milliseconds))

    def event(self, event: Event, now: datetime) -> None:
        if isinstance(event, Heard):
            self.heard.append(time.monotonic())
        elif isinstance(event, Interrupted):
            self.interrupted.append(time.monotonic())
        super().event(event, now)

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        super().effects(effects, now)
        said = [prompt.id for effect in effects if isinstance(effect, Say) for prompt in effect.prompts]
        if set(said) & set(self.over) and any(isinstance(effect, Listen) for effect in effects):
            asyncio.get_running_loop().call_later(next(OVER_AFTER), self._answer)

    def _choose(self, prompts: Sequence[str]) -> Clip | None:
        clip = super()._choose(prompts)
        if clip is not None and clip.samples:
            self.played.append((clip.name or "", time.monotonic() + THINKS))
        return clip


class Noise:
    """Steady noise of a level, the same in every run."""

    def __init__(self, deviation: float) -> None:
        self._random = np.random.default_rng(7)
        self._deviation = deviation

    def __call__(self, frame: bytes) -> bytes:
        sound = to_array(frame).astype(np.float64)
        noisy = sound + self._random.normal(0, self._deviation, sound.size)
        return to_bytes(np.clip(noisy, -32768, 32767).astype(np.int16))


def level(samples: bytes) -> float:
    """The root mean square of what is audible."""
    sound = to_array(samples).astype(np.float64)
    loud = sound[np.abs(sound) > AUDIBLE]
    return float(np.sqrt(np.mean(loud**2))) if loud.size else 0.0


def clips_of(voice: str) -> list[Clip]:
    folder = find_flow("trattoria").parent / "callers" / voice
    return [read_clip(f"{path.stem}={path}") for path in sorted(folder.glob("*.wav"))]


def loud(frames: Iterable[tuple[float, bytes]]) -> list[tuple[float, float]]:
    """Beginning and end of what is audible in each frame, by the clock: a frame arrives when its sound begins."""
    found = []
    for at, samples in frames:
        places = np.flatnonzero(np.abs(to_array(samples)) > AUDIBLE)
        if places.size:
            found.append((at + int(places[0]) / RATE, at + int(places[-1]) / RATE))
    return found


@dataclass
class Measured:
    """Milliseconds by kind of answer, and what went wrong."""

    answers: dict[str, list[float]] = field(default_factory=dict)
    stages: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    silenced: list[float] = field(default_factory=list)
    clips: int = 0
    cut_off: int = 0
    false: int = 0
    outcomes: list[str] = field(default_factory=list)

    def add(self, caller: Timed, heads: Heads, outcome: str) -> None:
        ours, theirs = loud(heads.got), loud(heads.sent)
        for name, stage, took in caller.stages:
            if name in KINDS:
                self.stages.setdefault(KINDS[name], {}).setdefault(stage, []).append(took)
        spans = []
        for number, (name, began) in enumerate(caller.played):
            until = caller.played[number + 1][1] if number + 1 < len(caller.played) else float("inf")
            said = [(start, end) for start, end in theirs if began - 0.1 <= start < until]
            if not said:
                continue
            first, last = said[0][0], said[-1][1]
            spans.append((first, last))
            if name in KINDS:
                self._answer(KINDS[name], first, last, until, ours, caller)
        self.false += sum(
            not any(first - 0.3 <= at <= last + 1.5 for first, last in spans) for at in caller.interrupted
        )
        self.outcomes.append(outcome)

    def _answer(
        self, kind: str, first: float, last: float, until: float, ours: Sequence[tuple[float, float]], caller: Timed
    ) -> None:
        if any(first - 0.4 <= end and start <= first for start, end in ours):
            stopped = next((at for at in caller.interrupted if first < at < first + 2.5), None)
            if stopped is not None and any(first - 0.1 <= end and start <= first for start, end in ours):
                last_heard = [end for start, end in ours if first < end and start < stopped]
                self.silenced.append(1000 * (max(last_heard, default=first) - first))
            return
        self.clips += 1
        early = [start for start, _ in ours if first + 0.6 < start < last]
        if early or any(first + 0.2 < at < last for at in caller.heard):
            self.cut_off += 1
        after = [start for start, _ in ours if last <= start < until]
        if after:
            self.answers.setdefault(kind, []).append(1000 * (min(after) - last))

    def told(self) -> dict[str, Any]:
        return {
            "answer_ms": {kind: quantiles(found) for kind, found in sorted(self.answers.items())},
            "stages_ms": {
                kind: {stage: quantiles(took) for stage, took in stages.items()}
                for kind, stages in sorted(self.stages.items())
            },
            "silenced_ms": quantiles(self.silenced),
            "clips": self.clips,
            "cut_off": self.cut_off,
            "false_interruptions": self.false,
            "calls": len(self.outcomes),
            "booked": self.outcomes.count("goodbye"),
        }


def quantiles(found: Sequence[float]) -> dict[str, float] | None:
    if not found:
        return None
    ordered = sorted(found)
    last = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {"n": len(ordered), "p50": round(statistics.median(ordered), 1), "p95": round(last, 1)}


async def call(desk: Desk, server: AudioSocketServer, caller: Timed, noise: float | None) -> tuple[Heads, str]:
    """One call; `noise` in dB below the caller's voice."""
    line = LoopbackLine(f"bench-{id(caller)}", "+441632960123", None)
    telephone: Telephone = await line.open(server)
    caller.telephone, heads = telephone, Heads()
    telephone.recording = heads
    if noise is not None:
        loudest = max(level(clip.samples) for clip in caller.clips)
        telephone.noise = Noise(loudest / 10 ** (noise / 20))
    async with asyncio.timeout(LONGEST):
        ringing = asyncio.create_task(telephone.run())
        state = await desk.answer(line, "trattoria", (caller,))
        telephone.hang_up()
        await asyncio.gather(ringing, return_exceptions=True)
    return heads, state.why


async def floor(server: AudioSocketServer) -> dict[str, float] | None:
    """How long a word takes to a line that only echoes, and back."""
    line = LoopbackLine("floor", None, None)
    telephone = await line.open(server)
    heads = telephone.recording = Heads()
    ringing = asyncio.create_task(telephone.run())

    async def echo() -> None:
        async for arrival in line.arrivals():
            samples = getattr(arrival, "samples", b"")
            if any(samples):
                await line.send(samples)

    echoing = asyncio.create_task(echo())
    found = []
    for _ in range(20):
        before = len(heads.got)
        telephone.play(to_bytes(np.full(160, 8000, np.int16)))
        await asyncio.sleep(0.1)
        if len(heads.got) > before:
            sent = next(at for at, samples in reversed(heads.sent) if any(samples))
            found.append(1000 * (heads.got[before][0] - sent))
    telephone.hang_up()
    echoing.cancel()
    await asyncio.gather(ringing, echoing, return_exceptions=True)
    return quantiles(found)


async def measure(asked: argparse.Namespace) -> dict[str, Any]:
    flow = load_flow(find_flow("trattoria"))
    zone, began = ZoneInfo(flow.timezone), time.monotonic()
    start = datetime(2026, 10, 1, 12, 5, tzinfo=zone)
    result: dict[str, Any] = {"recogniser": "pocketsphinx", "voice": "espeak", "conditions": []}
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bench.db") as store:
        settings = DeskSettings(
            recordings=Path(folder) / "recordings", most_calls=64, listening=Listening(workers=asked.workers)
        )
        desk = Desk(settings, {flow.name: flow}, store, lambda: start + timedelta(seconds=time.monotonic() - began))
        server = AudioSocketServer("127.0.0.1", 0)
        await server.start()
        try:
            result["floor_ms"] = await floor(server)
            await desk.warm()
            await call(desk, server, Timed(clips_of(asked.voices[0])), None)  # caches and grammars as in a day's work
            for at_once in asked.at_once:
                for noise in (None, *asked.noise) if at_once == 1 else (None,):
                    measured = await calls(desk, server, asked, at_once, noise, asked.rounds)
                    condition = {"at_once": at_once, "noise_db": noise, **measured.told()}
                    result["conditions"].append(condition)
                    print(json.dumps(condition), file=sys.stderr)
        finally:
            server.stop()
            await desk.close()
    return result


async def calls(
    desk: Desk, server: AudioSocketServer, asked: argparse.Namespace, at_once: int, noise: float | None, rounds: int
) -> Measured:
    measured = Measured()
    wanted = [voice for _ in range(rounds) for voice in asked.voices]
    wanted += wanted * max(0, -(-at_once // len(wanted)) - 1)
    for place in range(0, len(wanted), at_once):
        callers = [Timed(clips_of(voice), over=tuple(asked.over)) for voice in wanted[place : place + at_once]]
        done = await asyncio.gather(*(call(desk, server, caller, noise) for caller in callers))
        for caller, (heads, outcome) in zip(callers, done, strict=True):
            measured.add(caller, heads, outcome)
    return measured


async def through_asterisk(asked: argparse.Namespace, asterisk: Asterisk) -> dict[str, Any]:
    """The same calls by SIP; all figures are taken at the telephone."""
    result: dict[str, Any] = {"recogniser": "pocketsphinx", "voice": "espeak", "way": "asterisk", "conditions": []}
    with tempfile.TemporaryDirectory() as folder:
        async with front_desk(asterisk, Path(folder), listening=Listening(workers=asked.workers)) as here:
            await telephoned(asterisk, here, Timed(clips_of(asked.voices[0])), 0)
            for at_once in asked.at_once:
                measured = Measured()
                wanted = [voice for _ in range(asked.rounds) for voice in asked.voices]
                wanted += wanted * max(0, -(-at_once // len(wanted)) - 1)
                for place in range(0, len(wanted), at_once):
                    callers = [Timed(clips_of(voice), over=tuple(asked.over)) for voice in wanted[place:][:at_once]]
                    ringing = (telephoned(asterisk, here, caller, n) for n, caller in enumerate(callers, place + 1))
                    for caller, (heads, why) in zip(callers, await asyncio.gather(*ringing), strict=True):
                        measured.add(caller, heads, why)
                result["conditions"].append({"at_once": at_once, "noise_db": None, **measured.told()})
                print(json.dumps(result["conditions"][-1]), file=sys.stderr)
    return result


async def telephoned(asterisk: Asterisk, here: FrontDesk, caller: Timed, place: int) -> tuple[Heads, str]:
    """One call by telephone; what it sent and got, and how it ended."""
    number = f"+4416329602{place:02d}"
    placed = await place_call(asterisk, here, caller, number)
    sent = [(packet.at, to_bytes(packet.samples)) for packet in placed.rtp.sent]
    return Heads(sent, [(packet.at, to_bytes(packet.samples)) for packet in placed.rtp.packets]), here.ended[number].why


def draw(path: Path, result: dict[str, Any]) -> None:
    """The stages of the first condition."""
    first = result["conditions"][0]
    medians = {
        kind: {stage: took["p50"] for stage, took in first["stages_ms"].get(kind, {}).items()}
        for kind in first["answer_ms"]
    }
    path.write_text(drawing("From the caller's last sound to our first", medians, first["answer_ms"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", default=["slt", "awb", "rms"], type=lambda text: text.split(","))
    parser.add_argument("--noise", default=[], type=lambda text: [float(part) for part in text.split(",")])
    parser.add_argument("--at-once", default=[1], type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--rounds", default=1, type=int)
    parser.add_argument("--workers", default=2, type=int)
    parser.add_argument("--over", default=["echo"], type=lambda text: text.split(","), help="prompts to speak over")
    parser.add_argument(
        "--json", action="store_true", help="one line of JSON on standard output; it is JSON either way"
    )
    parser.add_argument("--asterisk", action="store_true", help="by SIP through a real Asterisk (without noise)")
    parser.add_argument("-o", "--output", type=Path, help="a picture of the stages: FILE.svg")
    asked = parser.parse_args()
    if asked.asterisk and asked.noise:
        parser.error("--noise is added by the telephone of the loopback; it does not go with --asterisk")
    if asked.output and asked.output.suffix != ".svg":
        parser.error("the picture is an SVG: name it FILE.svg")
    if asked.asterisk:
        with an_asterisk() as running:
            result = asyncio.run(through_asterisk(asked, running))
    else:
        result = asyncio.run(measure(asked))
    if asked.output:
        draw(asked.output, result)
    print(json.dumps(result, indent=None if asked.json else 1))


if __name__ == "__main__":
    main()
