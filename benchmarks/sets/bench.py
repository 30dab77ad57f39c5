"""The folder with the open sets, a flow made for each, and how surely and how fast every utterance was understood."""

from __future__ import annotations

import importlib.util
import json
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from engine.acts import SURE, Fill, Understood
from engine.effects import Expecting
from engine.errors import Position
from engine.flow.model import Flow, Intent, ListenStep, PromptText, Slot
from engine.understanding.cascade import Understanding

Item = Mapping[str, Any]
ZONE = ZoneInfo("Europe/London")
NOW = datetime(2018, 8, 1, 10, tzinfo=ZONE)


def make_flow(slots: Mapping[str, str], intents: Mapping[str, Sequence[str]], language: str) -> Flow:
    """A flow with these slots (name to type) and one open question with these intents."""
    made = {name: Slot(name, kind, PromptText(f"{name}.ask", ()), Position(), name) for name, kind in slots.items()}
    menu = ListenStep(
        "menu", Position(), PromptText("menu", ()), {n: Intent(n, tuple(h), "end") for n, h in intents.items()}
    )
    return Flow(
        "bench", "bench", "", language, "Europe/London", "", "menu", "end", {}, {}, made, {}, {}, {}, {"menu": menu}
    )  # fmt: skip


class Bench:
    """Reads the sets of a folder, all of each or the half that `half` names, and times what is understood."""

    def __init__(self, folder: Path, language: str, half: str | None = None) -> None:
        self.language = language
        self.score = _score_module(folder)
        self.milliseconds: list[float] = []
        self._folder = folder
        self._half = half

    def items(self, name: str) -> list[Item]:
        """All items of a set; the halves A and B part them by what is said, so that no sentence is in both."""
        with (self._folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            read = [json.loads(line) for line in lines if line.strip()]
        return [item for item in read if self._half in (None, half_of(item["utterance"]))]

    def understood(
        self,
        understanding: Understanding,
        text: str,
        expecting: Expecting | None,
        now: datetime,
        others: Sequence[str] = (),
    ) -> Understood:
        """What was understood; the milliseconds are those of the processor."""
        started = time.thread_time()
        result = understanding.understand(text, expecting, now, others)
        self.milliseconds.append((time.thread_time() - started) * 1000)
        return result


def half_of(text: str) -> str:
    """`A` or `B`, the same for the same words."""
    return "AB"[zlib.crc32(text.lower().encode()) % 2]


def _score_module(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"there is no score.py in {folder}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asking(name: str | None, slots: Sequence[str], yes_no: bool = False) -> Expecting:
    return Expecting("bench", "slot" if name else "intent", name, tuple(slots), yes_no)


def fills(understood: Understood) -> dict[str, Fill]:
    return {act.slot: act for act in understood.acts if isinstance(act, Fill)}


def is_sure(act: Fill | None) -> bool:
    """Whether this value would be taken without being read back."""
    return act is not None and act.confidence >= SURE and len(act.candidates) == 1


def peak_mb() -> float:
    """The most memory that this process has held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@dataclass(slots=True)
class Tally:
    """Right and wrong answers, and how many of the wrong ones were given so surely that nobody would have asked back.
    `wanted` says whether there was something to find."""

    items: int = 0
    wanted: int = 0
    answered: int = 0
    right: int = 0
    sure: int = 0
    sure_wrong: int = 0

    def add(self, wanted: bool, answered: bool, right: bool, sure: bool) -> None:
        self.items += 1
        self.wanted += wanted
        self.answered += answered
        self.right += answered and right
        self.sure += answered and sure
        self.sure_wrong += answered and sure and not right

    def rates(self, prefix: str = "") -> dict[str, float]:
        """Precision and recall, the share of sure answers, and of wrong ones among the sure."""
        return {
            f"{prefix}precision": self.right / max(1, self.answered),
            f"{prefix}recall": self.right / max(1, self.wanted),
            f"{prefix}sure": self.sure / max(1, self.answered),
            f"{prefix}wrong_when_sure": self.sure_wrong / max(1, self.sure),
        }
