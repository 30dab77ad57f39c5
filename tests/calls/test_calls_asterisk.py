"""The main job: speech over a real Asterisk becomes a booking in a database."""

from __future__ import annotations

import asyncio
import wave
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.actions.ledger import Booking, bookings_of
from engine.dialogue.state import State
from engine.speech.audio import to_array
from tests.agi.asterisk import Asterisk
from tests.calls.calling import SCRIPTS, VOICES, FrontDesk, caller_of, front_desk, place_call

pytestmark = pytest.mark.asterisk
SPOKEN = [name for name in SCRIPTS if name not in ("now", "keypad_alone")]
AT_ONCE = 6
"""Calls held at the same time, so that fifteen take minutes."""


def booked_by(here: FrontDesk, number: str) -> list[Booking]:
    return [booking for booking in here.store.read(bookings_of) if (booking.phone or "").endswith(number[-9:])]


def is_right(booking: Booking, wanted: dict[str, Any]) -> bool:
    return (booking.party_size, booking.day, f"{booking.starts:%H:%M}") == (
        wanted["party_size"], date.fromisoformat(str(wanted["day"])), wanted["time"],
    )  # fmt: skip


async def call(asterisk: Asterisk, here: FrontDesk, script: str, voice: str, number: str, folder: Path) -> State:
    await place_call(asterisk, here, caller_of(script, voice, folder), number)
    return here.ended[number]


def test_three_voices_and_five_scripts_book_tables(asterisk: Asterisk, tmp_path: Path) -> None:
    """At least 12 of 15 are booked, and no booking is wrong."""

    async def run() -> tuple[int, list[str]]:
        right, wrong = 0, []
        free = asyncio.Semaphore(AT_ONCE)
        async with front_desk(asterisk, tmp_path) as here:

            async def one(index: int, script: str, voice: str) -> None:
                nonlocal right
                number = f"+4416329601{index:02d}"
                async with free:
                    state = await call(asterisk, here, script, voice, number, tmp_path)
                bookings = booked_by(here, number)
                good = [booking for booking in bookings if is_right(booking, SCRIPTS[script]["booked"])]
                right += bool(good)
                wrong.extend(f"{script} {voice}: {booking}" for booking in bookings if booking not in good)
                print(f"{script:28} {voice}: {'booked' if good else 'not booked'}, ended {state.why}")

            pairs = [(script, voice) for script in SPOKEN for voice in VOICES]
            await asyncio.gather(*(one(index, *pair) for index, pair in enumerate(pairs)))
        return right, wrong

    right, wrong = asyncio.run(run())
    assert not wrong
    assert right >= 12


def test_a_booking_by_keys_alone_keeps_the_name_as_a_recording(asterisk: Asterisk, tmp_path: Path) -> None:
    async def run() -> list[Booking]:
        async with front_desk(asterisk, tmp_path) as here:
            await call(asterisk, here, "keypad_alone", "awb", "+441632960150", tmp_path)
            return booked_by(here, "+441632960150")

    (booking,) = asyncio.run(run())
    assert is_right(booking, SCRIPTS["keypad_alone"]["booked"])
    with wave.open(str(tmp_path / "recordings" / booking.name.ref)) as name:
        assert 0.4 < name.getnframes() / name.getframerate() < 5


def test_the_call_is_logged_and_both_sides_are_recorded(asterisk: Asterisk, tmp_path: Path) -> None:
    async def run() -> State:
        async with front_desk(asterisk, tmp_path) as here:
            return await call(asterisk, here, "straight", "rms", "+441632960160", tmp_path)

    state = asyncio.run(run())
    assert state.why == "goodbye"
    (path,) = (tmp_path / "recordings").glob("*/call.wav")
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        sides = to_array(file.readframes(file.getnframes())).reshape(-1, 2)
    for side in (0, 1):
        loud = np.abs(sides[:, side].astype(np.int32)) > 500
        assert loud.mean() > 0.02, f"nothing on side {side}"
