"""Scores the ear and the recogniser on open telephone audio outside the project: `hearing.py --data DIR [--json]`.

DIR holds WAV files in folders (`yesno`, `reject`, `digits`, `phone`, `slots`, `slots_synthetic`, `noise`, `vad`) and
`transcripts.jsonl`, a JSON object a file: `path`, `text` (empty where nobody speaks), `slot`, `speaker`; in `vad` also
`speech` (begin and end in seconds), `snr_db`. Everything goes through mu-law, the ear and the recogniser's processes,
as in a call; nothing is trained on it. Dates, times and sizes are compared by the values that
the understanding finds in the words.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.acts import Affirm, Deny, Fill
from engine.effects import Expecting
from engine.errors import Position
from engine.flow.model import Flow, Limit, ListenStep, PromptText, Slot
from engine.speech.audio import FRAME_SECONDS, linear_to_mulaw, mulaw_to_linear, read_wav
from engine.speech.ear import Ear, SpeechEnded, SpeechStarted
from engine.speech.grammar import Grammars
from engine.speech.vendors.pocketsphinx_stt import Pocketsphinx
from engine.speech.vendors.silero import Silero
from engine.understanding.cascade import Understanding

Item = Mapping[str, Any]
RATE = 8000
QUIET = b"\0" * RATE
NOW = datetime(2026, 10, 1, 9, tzinfo=ZoneInfo("Europe/London"))
NOBODY = PromptText("?", ())


def _slot(name: str, kind: str, **more: Any) -> Slot:
    return Slot(name, kind, PromptText(f"{name}.ask", ()), Position(), name, **more)


SLOTS = {
    slot.name: slot
    for slot in (
        _slot("party_size", "party_size", min=Limit(1), max=Limit(12)),
        _slot("day", "date"),
        _slot("time", "time"),
        _slot("phone", "phone", options={"country": "US"}),
        _slot("digit", "digits", options={"length": 1}),
        _slot("code", "digits"),
    )
}
FLOW = Flow(
    "hearing", "", "", "en-GB", "Europe/London", "", "menu", "menu", {}, {}, SLOTS, {}, {}, {},
    {"menu": ListenStep("menu", Position(), NOBODY, {})},
)  # fmt: skip
QUESTIONS = {
    "yes_no": Expecting("consent", "yes_no", yes_no=True),
    "confirm": Expecting("echo", "yes_no", open=("party_size", "day", "time"), yes_no=True),
    "digit": Expecting("number", "slot", "digit", ("digit",)),
    "code": Expecting("number", "slot", "code", ("code",)),
    "phone_number": Expecting("number", "slot", "phone", ("phone",)),
    "datetime": Expecting("booking", "slot", "day", ("day", "time", "party_size")),
    "party": Expecting("booking", "slot", "party_size", ("party_size", "day", "time")),
}
SETS: Mapping[str, tuple[str, str]] = {
    "yes and no, plain question": ("yesno", "yes_no"),
    "yes and no, at a confirmation": ("yesno", "confirm"),
    "other words and noise, plain question": ("reject", "yes_no"),
    "other words and noise, at a confirmation": ("reject", "confirm"),
    "other words and noise, asked for a day": ("reject", "datetime"),
    "digits": ("digits", "digit"),
    "numbers of digits": ("phone", ""),
    "dates, times, sizes; joined human words": ("slots", ""),
    "dates, times, sizes; flite": ("slots_synthetic", ""),
}


@dataclass(slots=True)
class Score:
    """Counts and times of one set. `right` and `wrong` are about what was meant; `nothing`: no words were found."""

    n: int = 0
    right: int = 0
    wrong: int = 0
    nothing: int = 0
    unheard: int = 0
    """The ear found no speech."""
    cut: int = 0
    """The ear made more than one utterance of it."""
    sure: int = 0
    sure_wrong: int = 0
    endpoint_ms: list[float] = field(default_factory=list)
    recognise_ms: list[float] = field(default_factory=list)

    def line(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in ("n", "right", "wrong", "nothing", "unheard", "cut")},
            "right_rate": round(self.right / max(1, self.n), 3),
            "wrong_rate": round(self.wrong / max(1, self.n), 3),
            "sure": self.sure,
            "sure_wrong": self.sure_wrong,
            "endpoint_ms": spread(self.endpoint_ms),
            "recognise_ms": spread(self.recognise_ms),
        }


def spread(times: Sequence[float]) -> dict[str, float]:
    """p50 and p95, rounded."""
    if not times:
        return {}
    ordered = sorted(times)
    return {
        "p50": round(statistics.median(ordered)),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]),
    }


def on_the_line(path: Path) -> bytes:
    """The recording as a telephone carries it, with silence around it."""
    return mulaw_to_linear(linear_to_mulaw(QUIET + read_wav(path, RATE).samples + QUIET * 4))


def meaning(understanding: Understanding, text: str, expecting: Expecting) -> object:
    """What the words mean as an answer: comparable values."""
    if expecting.asked in ("digit", "code", "phone"):
        names = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
        return "".join(str(names.index(word)) for word in text.replace("oh", "zero").split() if word in names)
    spelled = text.replace(" a m", " am").replace(" p m", " pm")
    acts = understanding.understand(spelled, expecting, NOW).acts
    said = {type(act).__name__ if isinstance(act, Affirm | Deny) else "" for act in acts} - {""}
    return said, {act.slot: act.candidates for act in acts if isinstance(act, Fill)}


class Bench:
    """One recogniser and one detector for all sets."""

    def __init__(self) -> None:
        self.recogniser = Pocketsphinx(Grammars(FLOW), workers=2, deadline=30.0)
        self.detector = Silero()
        self.understanding = Understanding(FLOW)
        self.wrong: list[dict[str, Any]] = []

    async def score(self, folder: Path, items: Iterable[Item], question: str) -> Score:
        score = Score()
        for item in items:
            kind = question or item["slot"]
            if kind in QUESTIONS:
                await self._one(score, folder, item, QUESTIONS[kind])
        return score

    async def _one(self, score: Score, folder: Path, item: Item, expecting: Expecting) -> None:
        ear = Ear(self.detector, RATE, SLOTS)
        ear.listen(0, expecting)
        pieces = [event for event in ear.feed(on_the_line(folder / item["path"])) if isinstance(event, SpeechEnded)]
        score.n += 1
        score.unheard += not pieces
        score.cut += len(pieces) > 1
        texts, sure = [], bool(pieces)
        for piece in pieces:
            heard = await self.recogniser.recognise(piece.samples, RATE, expecting)
            texts.append(heard.text)
            sure = sure and heard.confidence >= 0.85
            score.endpoint_ms.append(1000 * FRAME_SECONDS * (piece.decided_frame - piece.ended_frame))
            score.recognise_ms.append(heard.milliseconds)
        text = " ".join(filter(None, texts))
        foreign = item["slot"] in ("oov", "noise")
        if not text:
            score.nothing += 1
            return
        wanted = None if foreign else meaning(self.understanding, item["text"], expecting)
        right = not foreign and meaning(self.understanding, text, expecting) == wanted
        score.right += right
        score.wrong += not right
        score.sure += sure
        score.sure_wrong += sure and not right
        if not right:
            self.wrong.append(
                {"path": item["path"], "asked": expecting.asked or expecting.step, "said": item["text"], "heard": text}
            )

    def noise(self, folder: Path, items: Iterable[Item]) -> dict[str, float]:
        """False beginnings of speech in background noise."""
        begun, seconds = 0, 0.0
        for item in items:
            sound = on_the_line(folder / item["path"])
            ear = Ear(self.detector, RATE, SLOTS)
            ear.listen(0, QUESTIONS["yes_no"])
            begun += sum(isinstance(event, SpeechStarted) for event in ear.feed(sound))
            seconds += len(sound) / 2 / RATE
        return {"false_starts": begun, "minutes": round(seconds / 60, 2)}

    def edges(self, folder: Path, items: Iterable[Item]) -> dict[str, Any]:
        """How far the first and last sound that the ear found lie from the true ones (ms), by noise."""
        found: dict[str, list[tuple[float, float]]] = {}
        missed: dict[str, int] = {}
        for item in items:
            label = "clean" if item["snr_db"] is None else f"{item['snr_db']} dB"
            ear = Ear(self.detector, RATE, SLOTS)
            ear.listen(0, QUESTIONS["code"])
            pieces = [event for event in ear.feed(on_the_line(folder / item["path"])) if isinstance(event, SpeechEnded)]
            if not pieces:
                missed[label] = missed.get(label, 0) + 1
                continue
            offset = len(QUIET) / 2 / RATE
            first = pieces[0].started_frame * FRAME_SECONDS - offset - item["speech"][0][0]
            last = pieces[-1].ended_frame * FRAME_SECONDS - offset - item["speech"][-1][1]
            found.setdefault(label, []).append((1000 * first, 1000 * last))
        return {
            label: {
                "n": len(pairs),
                "missed": missed.get(label, 0),
                "onset_ms": spread([first for first, _ in pairs]),
                "release_ms": spread([last for _, last in pairs]),
            }
            for label, pairs in sorted(found.items())
        }


def chosen(items: Sequence[Item], folder: str, every: int) -> Iterator[Item]:
    """Each `every`th item of a folder."""
    yield from [item for item in items if item["path"].startswith(f"{folder}/")][::every]


async def run(data: Path, every: int) -> dict[str, Any]:
    items: list[Item] = [json.loads(line) for line in (data / "transcripts.jsonl").read_text().splitlines()]
    bench = Bench()
    result: dict[str, Any] = {"sets": {}}
    try:
        await bench.recogniser.warm(QUESTIONS.values())
        for name, (folder, question) in SETS.items():
            score = await bench.score(data, chosen(items, folder, every), question)
            result["sets"][name] = score.line()
            print(f"{name}: {score.right} right, {score.wrong} wrong of {score.n}", file=sys.stderr)
    finally:
        await bench.recogniser.close()
    result["noise"] = bench.noise(data, chosen(items, "noise", 1))
    result["edges"] = bench.edges(data, chosen(items, "vad", every))
    result["wrong"] = bench.wrong
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recordings")
    parser.add_argument("--every", type=int, default=1, help="take each Nth recording only")
    parser.add_argument("--json", action="store_true", help="print everything, with each wrong answer")
    options = parser.parse_args()
    result = asyncio.run(run(options.data, options.every))
    if options.json:
        print(json.dumps(result, indent=1))
        return
    for name, line in result["sets"].items():
        print(f"{name}\n  {json.dumps(line)}")
    print(f"noise\n  {json.dumps(result['noise'])}")
    for label, line in result["edges"].items():
        print(f"edges, {label}\n  {json.dumps(line)}")


if __name__ == "__main__":
    main()
