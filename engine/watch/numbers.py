"""What a call adds to the numbers of its hour: the counters of /metrics by their names, and what was not understood.

Counts hold nothing of what a caller said, so they stay when the call is forgotten; words that were not understood are
kept beside them, and go with the words of the call.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from engine.effects import Act, Effect, Listen, LookUp, Note, Say, Transfer
from engine.events import Digits, Event, Heard, Interrupted, Silence, ToolReturned, Transferred
from engine.flow.model import Flow
from engine.watch.encoding import MASK

Rung: TypeAlias = Literal["nomatch", "noinput", "refused", "gave_up"]

STEP: Final = 1.1
"""How much longer the times of a bucket are than those of the one below: a percentile is right within 10 %."""
_REFUSED: Final = re.compile(r"(\w+)\.reject\.")


@dataclass(frozen=True, slots=True)
class Count:
    """`labels` are in the order in which `/metrics` names them, without the flow; `value` is added."""

    name: str
    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Miss:
    """Words that were not understood: where they were said, about which slot, how often in a row it was by then."""

    at: datetime
    step: str
    slot: str
    rung: int
    words: str


def bucket(milliseconds: float) -> int:
    """The number of the bucket that a time falls into."""
    return math.ceil(math.log(max(milliseconds, 0.01)) / math.log(STEP))


def upper(number: int) -> float:
    """The longest time of a bucket, in milliseconds."""
    return float(STEP**number)


class Numbers:
    """Counts one call of a flow that began at `now`. It is shown what the log may keep, never what is masked there."""

    def __init__(self, flow: Flow, now: datetime) -> None:
        self._flow = flow
        self._began = now
        self._counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self._acts: dict[int, str] = {}
        self._transfers: dict[int, Transfer] = {}
        self._place = ("", "")
        self._rungs: Counter[str] = Counter()
        self._completed = False
        """Whether a commit came to the first outcome that its tool declares, which is the one that callers come for."""
        self._passed_on = False
        self.misses: list[Miss] = []

    def event(self, event: Event, now: datetime) -> None:
        """Something happened."""
        match event:
            case Heard(acts=()):
                self._add("turns", "heard")
                self._missed("nomatch")
                if event.words and MASK[0] not in event.words:
                    self.misses.append(Miss(now, *self._place, self._rungs["nomatch"], event.words))
            case Heard():
                self._add("turns", "heard")
                self._rungs.clear()
            case Digits():
                self._add("turns", "keys")
                self._rungs.clear()
            case Silence():
                self._add("turns", "silence")
                self._missed("noinput")
            case Interrupted():
                self._add("interrupted")
            case ToolReturned():
                self._returned(event)
            case Transferred():
                self._passed_on |= event.outcome == "connected"
                given = self._transfers.pop(event.act, None)
                self._add("transfers", event.outcome, given.why if given else "")
            case _:
                pass

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        """The dialogue answered."""
        for effect in effects:
            match effect:
                case Listen(expecting=expecting):
                    place = expecting.step, expecting.asked or ""
                    if place != self._place:
                        self._rungs.clear()
                    self._place = place
                case Act() | LookUp():
                    self._acts[effect.act] = effect.tool
                case Transfer():
                    self._transfers[effect.act] = effect
                case Say():
                    for prompt in effect.prompts:
                        if found := _REFUSED.match(prompt.id):
                            self._add("misses", self._place[0], found[1], "refused", "1")
                case Note(kind="gave_up"):
                    self._add("misses", *self._place, "gave_up", "1")
                case _:
                    pass

    def timing(self, name: str, milliseconds: float) -> None:
        """How long a stage of the last turn took."""
        self._add("stage_seconds", name, str(bucket(milliseconds)))

    def end(self, outcome: str, now: datetime) -> tuple[Count, ...]:
        """The call is over: all that it adds."""
        self._add("calls", outcome)
        if self._flow.variant:
            self._add("variant_calls", self._flow.variant, outcome)
        if self._completed:
            self._add("calls_completed")
        if not self._passed_on:
            self._add("calls_contained")
        length = Count("call_seconds", (), (now - self._began).total_seconds())
        return (length, *(Count(name, labels, float(value)) for (name, labels), value in self._counts.items()))

    def _missed(self, kind: Rung) -> None:
        self._rungs[kind] += 1
        if kind == "nomatch":
            self._add("nomatch")
        self._add("misses", *self._place, kind, str(self._rungs[kind]))

    def _returned(self, event: ToolReturned) -> None:
        name = self._acts.pop(event.act, "")
        tool = self._flow.tools.get(name)
        if tool is None:
            return  # a late answer that was counted before
        self._add("tools", name, event.outcome)
        if tool.commits:
            self._add("bookings", event.outcome)
            self._completed |= event.outcome == next(iter(tool.outcomes), None)

    def _add(self, name: str, *labels: str) -> None:
        self._counts[name, labels] += 1
