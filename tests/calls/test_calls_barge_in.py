"""A caller answers over our words, through a real Asterisk by every way in: we fall silent, and the answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from agi.loopback import Handset
from engine.acts import Fill
from engine.effects import Effect, Say
from engine.events import Event, Heard, Interrupted
from tests.agi.asterisk import Asterisk
from tests.agi.rtp import Packet
from tests.agi.sipphone import SipCall
from tests.agi.tones import LOUD, level
from tests.agi.ways import WAYS, Way
from tests.calls.calling import front_desk, place_call, spoken

pytestmark = pytest.mark.asterisk
LINES = {"trattoria": Path(__file__).parent / "flows/talkative"}
CALLER = "+441632960330"
LISTENS = 2.0
"""Seconds of our question that the caller hears before they answer."""
SILENT_WITHIN = 0.6
"""Seconds, at the caller's ear, from their first sound to our last one; our question would go on for five more."""


@dataclass
class Hasty:
    """Says `words` when the question has been heard for a while, and nothing else."""

    words: bytes
    telephone: Handset | None = None
    events: list[Event] = field(default_factory=list)
    _spoke: bool = False

    def event(self, event: Event, now: datetime) -> None:
        self.events.append(event)

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        said = [prompt.id for effect in effects if isinstance(effect, Say) for prompt in effect.prompts]
        if "seats.ask" in said and not self._spoke:
            self._spoke = True
            asyncio.get_running_loop().call_later(LISTENS, self._answer)

    def timing(self, name: str, milliseconds: float) -> None:
        """Not this one's business."""

    def _answer(self) -> None:
        if self.telephone is not None:
            self.telephone.play(self.words)


def loud(packets: Sequence[Packet]) -> list[float]:
    """When sound came, by the clock of the loop."""
    return [packet.at for packet in packets if level(packet.samples) > LOUD]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_caller_who_answers_over_us_silences_us_and_is_understood(
    asterisk: Asterisk, way: Way, tmp_path: Path
) -> None:
    caller = Hasty(spoken("awb", "there will be four people", tmp_path))

    async def main() -> SipCall:
        async with front_desk(asterisk, tmp_path, None, way, LINES) as here:
            call = await place_call(asterisk, here, caller, CALLER, way.numbers["trattoria"])
            assert here.ended[CALLER].why == "goodbye"
            return call

    call = asyncio.run(main())
    assert call.ended_by == "them"
    began, ends = (loud(call.rtp.sent)[end] for end in (0, -1))
    ours = [at - began for at in loud(call.rtp.packets) if at < ends]
    assert any(-0.5 < at < 0 for at in ours), "we did not speak when the caller began"
    assert max(ours) < SILENT_WITHIN
    (interrupted,) = [event for event in caller.events if isinstance(event, Interrupted)]
    (heard,) = [event for event in caller.events if isinstance(event, Heard)]
    assert caller.events.index(interrupted) < caller.events.index(heard)
    assert [(act.slot, act.candidates) for act in heard.acts if isinstance(act, Fill)] == [("seats", (4,))]
