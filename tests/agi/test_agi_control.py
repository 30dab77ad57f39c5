"""What is done with a call, over every way in: given to a person who is told what it is about, given away for good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from engine.call.line import Digit, Frame, Line, Whisper
from tests.agi.asterisk import NOTICE, Asterisk
from tests.agi.sipphone import SipCall
from tests.agi.tones import LOUD, RATE, Samples, level, seconds_of, tone
from tests.agi.ways import WAYS, Way, dialled, may_hang, telephone

pytestmark = pytest.mark.asterisk
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "dialogues/control.yaml").read_text())
PERSON, CALLERS, WHISPERED = 1100, 900, 1300
"""Hertz: the person, what the caller plays, what is whispered."""
SOON = 20.0
LONGEST_SILENCE = {"ringing": 4.2, "ringing/uk": 2.2, "music": 2.0}
"""Seconds without sound while a caller waits; the ringing tone of the tests' country pauses for four."""
SPEAKS_AND_ENDS = [("play", tone(CALLERS, 0.6)), ("wait_quiet", 0.2), ("digits", "#"), ("wait_end", SOON)]
KEY_ROWS, KEY_COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way in."""
    found: Way = request.param
    return found


class Desk:
    """Answers, does `act`, then echoes until the caller is gone or keys `#`; notes what came."""

    def __init__(self, act: Callable[[Line], Awaitable[str]]) -> None:
        self.act = act
        self.outcomes: list[str] = []
        self.keys = ""
        self.ended = asyncio.Event()

    async def on_call(self, line: Any, path: str, args: Sequence[str]) -> None:
        await line.answer()
        try:
            self.outcomes.append(await self.act(line))
            await self.echo(line)
            await line.hang_up()
        finally:
            self.ended.set()

    async def echo(self, line: Line) -> None:
        async for arrival in line.arrivals():
            match arrival:
                case Frame(samples):
                    await line.send(samples)
                case Digit(key):
                    self.keys += key
                    if key == "#":
                        return


def whisper_of(rate: int, within: float) -> Whisper:
    at = np.arange(rate) / rate
    samples = (9000 * np.sin(2 * np.pi * WHISPERED * at)).astype("<i2")
    return Whisper(samples.tobytes(), within)


def longest_silence(samples: Samples) -> float:
    """Seconds for which nothing was heard, at most."""
    step, longest, silent = RATE // 50, 0, 0
    for at in range(0, len(samples) - step + 1, step):
        silent = 0 if level(samples[at : at + step]) > LOUD else silent + 1
        longest = max(longest, silent)
    return longest * 0.02


@pytest.mark.parametrize("case", CASES["whispers"], ids=lambda case: case["name"])
def test_a_person_is_told_what_a_call_is_about(
    asterisk: Asterisk, way: Way, case: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    may_hang(way, request)
    persons: list[SipCall] = []
    hold = case["hold"]

    async def person(call: SipCall) -> None:
        persons.append(call)
        await call.quiet(0.2)
        await asyncio.sleep(case.get("waits", 0))
        if case.get("presses"):
            call.press(case["presses"])
            await call.played()
        if case.get("hangs_up"):
            return
        call.play(tone(PERSON, 1.5))
        await call.played()
        await asyncio.sleep(SOON if case["outcome"] != "connected" else 0.2)

    async def act(line: Line) -> str:
        return await line.transfer("PJSIP/human", {"name": "Ann"}, 5, whisper_of(line.rate, case["within"]))

    desk = Desk(act)

    async def main() -> None:
        async with telephone(asterisk, person), dialled(way, asterisk, desk.on_call, hold=hold) as call:
            await until(lambda: bool(desk.outcomes))
            heard = call.rtp.heard()
            assert desk.outcomes == [case["outcome"]]
            assert seconds_of(persons[0].rtp.heard(), WHISPERED) > 0.8
            assert not seconds_of(heard, WHISPERED), "the caller hears what is whispered"
            assert longest_silence(heard) <= LONGEST_SILENCE[hold]
            if case["outcome"] == "connected":
                assert seconds_of(heard, PERSON) > 0.4
            else:  # the call is ours again, and the person heard nothing of the caller
                await call.follow(SPEAKS_AND_ENDS)
                assert seconds_of(call.rtp.heard(), CALLERS) > 0.4
                assert not seconds_of(heard, PERSON)

    asyncio.run(main())


@pytest.mark.parametrize("case", CASES["given away"], ids=lambda case: case["name"])
def test_a_call_is_given_away_for_good(asterisk: Asterisk, way: Way, case: dict[str, Any]) -> None:
    invites: list[SipCall] = []

    async def person(call: SipCall) -> None:
        invites.append(call)
        call.play(tone(PERSON, 1.5))
        await call.played()

    desk = Desk(lambda line: line.pass_on(case["to"], {"name": "Ann", "summary": "a table, for two"}))

    async def main() -> None:
        async with telephone(asterisk, person), dialled(way, asterisk, desk.on_call) as call:
            await until(lambda: bool(desk.outcomes))
            assert desk.outcomes == [case["outcome"]]
            if case["outcome"] == "connected":
                await asyncio.wait_for(desk.ended.wait(), SOON)  # nothing of ours stands beside the call any more
                await until(lambda: seconds_of(call.rtp.heard(), case.get("hears", PERSON)) > 0.4)
            else:
                await call.follow(SPEAKS_AND_ENDS)
                assert seconds_of(call.rtp.heard(), CALLERS) > 0.4
            for invite in (each.invite for each in invites):
                assert invite is not None
                assert "summary=a%20table%2C%20for%20two" in invite.get("X-Frontdesk-Context")

    asyncio.run(main())


def test_keys_that_are_tones_arrive_as_keys(asterisk: Asterisk, way: Way) -> None:
    async def act(line: Line) -> str:
        return "answered"

    desk = Desk(act)

    async def main() -> None:
        async with dialled(way, asterisk, desk.on_call, number="inband") as call:
            await asyncio.sleep(0.3)
            for key in "159*0#":
                row, column = divmod("123456789*0#".index(key), 3)
                dual = tone(KEY_ROWS[row], 0.15, 6000) + tone(KEY_COLUMNS[column], 0.15, 6000)
                await call.follow([("play", dual), ("wait", 0.15)])
            await call.follow([("wait_end", SOON)])
        assert desk.keys == "159*0#"

    asyncio.run(main())


def test_a_notice_is_heard_before_the_call_is_answered(asterisk: Asterisk) -> None:
    async def act(line: Line) -> str:
        return "answered"

    desk, way = Desk(act), WAYS[0]

    async def main() -> None:
        async with dialled(replace(way, numbers={"trattoria": "120"}), asterisk, desk.on_call) as call:
            await call.follow([("digits", "#"), ("wait_end", SOON)])
        before = [packet.samples for packet in call.rtp.packets if packet.at < call.answered_at]
        assert seconds_of(np.concatenate(before), NOTICE) == pytest.approx(1.0, abs=0.15)

    asyncio.run(main())


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so; fails after a while."""
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.02)
