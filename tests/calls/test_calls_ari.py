"""The main job over ARI: speech becomes a booking, as it does over FastAGI."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agi.loopback import Clip
from engine.actions.ledger import Booking, bookings_of
from tests.agi.asterisk import Asterisk
from tests.agi.ways import WAYS, Way, over
from tests.calls.calling import SCRIPTS, ListeningCaller, caller_of, front_desk, place_call

pytestmark = pytest.mark.asterisk
NUMBER, SCRIPT = "+441632960501", "straight"


def is_right(booking: Booking, wanted: dict[str, Any]) -> bool:
    return (booking.party_size, booking.day, f"{booking.starts:%H:%M}") == (
        wanted["party_size"], date.fromisoformat(str(wanted["day"])), wanted["time"],
    )  # fmt: skip


class Hurried(ListeningCaller):
    """Hangs up once it hears that the table is booked."""

    def _choose(self, prompts: Sequence[str]) -> Clip | None:
        if "done" in prompts and self.telephone is not None:
            self.telephone.hang_up()
            return None
        return super()._choose(prompts)


def test_a_call_over_ari_books_by_speech(asterisk: Asterisk, tmp_path: Path) -> None:
    """The telephone has G.711 alone, so its sound is carried as it is. The caller hangs up once the table is booked."""
    way = Way("as it comes", over("auto", rate=None), WAYS[1].numbers)
    scripted = caller_of(SCRIPT, "awb", tmp_path)
    caller = Hurried(scripted.clips, wanted=scripted.wanted, words=scripted.words)

    async def main() -> list[Booking]:
        async with front_desk(asterisk, tmp_path, way=way) as here:
            await place_call(asterisk, here, caller, NUMBER, way.numbers["trattoria"])
            return here.store.read(bookings_of)

    (booking,) = asyncio.run(main())
    assert is_right(booking, SCRIPTS[SCRIPT]["booked"])
