"""The main job over ARI: speech becomes a booking, as it does over FastAGI."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.actions.ledger import Booking, bookings_of
from tests.agi.asterisk import Asterisk
from tests.agi.ways import WAYS, Way, over
from tests.calls.calling import SCRIPTS, caller_of, front_desk, place_call

pytestmark = pytest.mark.asterisk
LINES = {"trattoria": Path(__file__).parent / "flows/table"}
NUMBER, SCRIPT = "+441632960501", "straight"


def is_right(booking: Booking, wanted: dict[str, Any]) -> bool:
    return (booking.party_size, booking.day, f"{booking.starts:%H:%M}") == (
        wanted["party_size"], date.fromisoformat(str(wanted["day"])), wanted["time"],
    )  # fmt: skip


def test_a_call_over_ari_books_by_speech(asterisk: Asterisk, tmp_path: Path) -> None:
    """The telephone has G.711 alone, so its sound is carried as it is."""
    way = Way("as it comes", over("auto", rate=None), WAYS[1].numbers)
    caller = caller_of(SCRIPT, "awb", tmp_path)

    async def main() -> list[Booking]:
        async with front_desk(asterisk, tmp_path, way=way, lines=LINES) as here:
            call = await place_call(asterisk, here, caller, NUMBER, way.numbers["trattoria"])
            assert call.ended_by == "them"
            return here.store.read(bookings_of)

    (booking,) = asyncio.run(main())
    assert is_right(booking, SCRIPTS[SCRIPT]["booked"])
