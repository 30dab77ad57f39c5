"""Calls over ARI through a real Asterisk, with their sound by the media websocket and by AudioSocket: a SIP telephone
on one side, AriServer on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import numpy as np
import pytest
import yaml

from agi.ari_line import AriLine
from agi.ari_server import AriServer
from agi.ari_settings import Media
from agi.server import AsteriskServer
from engine.call.line import Digit, Frame
from tests.agi.asterisk import Asterisk
from tests.agi.relay import relay_to
from tests.agi.sipphone import SipCall, SipPhone
from tests.agi.tones import seconds_of, tone
from tests.agi.ways import nobody, telephone

pytestmark = pytest.mark.asterisk
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "dialogues/calls.yaml").read_text())
PERSON, OURS, CALLERS = 440, 600, 900
"""Hertz: the person at 200, what we play, what the caller plays."""
SOON = 20.0
RATE = 16000


@pytest.fixture(params=["websocket", "audiosocket"])
def media(request: pytest.FixtureRequest) -> Media:
    """Each way by which the sound comes."""
    found: Media = request.param
    return found


class Desk:
    """Notes what happens to each call by its number; `act` is what is done with one once it is answered."""

    def __init__(self, act: Callable[[AriLine], Awaitable[None]]) -> None:
        self.act = act
        self.keys: dict[str, str] = {}
        self.outcomes: dict[str, str] = {}
        self.lines: dict[str, AriLine] = {}
        self.ended: set[str] = set()

    async def on_call(self, line: AriLine, path: str, args: Sequence[str]) -> None:
        number = line.caller or ""
        self.lines[number] = line
        self.keys[number] = ""
        await line.answer()
        try:
            await self.act(line)
        finally:
            self.ended.add(number)

    async def echo(self, line: AriLine, until: str = "#") -> None:
        """Sends back what it hears until a key of `until`, or until the caller is gone."""
        async for arrival in line.arrivals():
            match arrival:
                case Frame(samples):
                    assert len(samples) == line.rate // 25
                    await line.send(samples)
                case Digit(key):
                    self.keys[line.caller or ""] += key
                    if key in until:
                        return


@asynccontextmanager
async def serving(
    asterisk: Asterisk, media: Media, desk: Desk, url: str = "", rate: int | None = RATE
) -> AsyncIterator[AriServer]:
    ours, ari = asterisk.settings, replace(asterisk.ari, media=media, url=url or asterisk.ari.url, rate=rate)
    async with AsteriskServer(ours, nobody) as beside, AriServer(ari, ours, beside.sounds, desk.on_call) as server:
        assert await server.connected(within=SOON)
        yield server


@asynccontextmanager
async def phone_of(asterisk: Asterisk, number: str) -> AsyncIterator[SipPhone]:
    phone = await SipPhone(number, asterisk.sip).open()
    try:
        yield phone
    finally:
        await phone.close()


def number_of(index: int) -> str:
    return f"+4416329604{index:02d}"


async def play(line: AriLine, seconds: float, hertz: float = OURS) -> None:
    """What we play, paced as a mouth would."""
    at = np.arange(round(seconds * RATE)) / RATE
    samples, loop = (9000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes(), asyncio.get_running_loop()
    due = loop.time()
    for start in range(0, len(samples), RATE // 25):
        await line.send(samples[start : start + RATE // 25])
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))


def test_ari_call_has_sound_both_ways_and_each_key_once(asterisk: Asterisk, media: Media) -> None:
    async def act(line: AriLine) -> None:
        await play(line, 1.0)
        await desk.echo(line)

    desk = Desk(act)

    async def main() -> None:
        async with serving(asterisk, media, desk) as server, phone_of(asterisk, number_of(0)) as phone:
            call = await phone.dial("101")
            script = [("wait_quiet", 0.3), ("play", tone(CALLERS, 1.0)), ("wait_quiet", 0.2), ("digits", "12*0#")]
            await call.follow([*script, ("wait_end", SOON)])
            line = desk.lines[number_of(0)]
            assert (line.called, line.rate, server.way) == ("101", 16000, media)
            assert desk.keys == {number_of(0): "12*0#"}
            assert seconds_of(call.rtp.heard(), CALLERS) == pytest.approx(1.0, abs=0.1)
            assert seconds_of(call.rtp.heard(), OURS) == pytest.approx(1.0, abs=0.06)
            assert call.ended_by == "them"
        await nothing_is_left(asterisk)

    asyncio.run(main())


def test_ari_call_has_the_rate_of_the_telephone_where_it_is_left_open(asterisk: Asterisk, media: Media) -> None:
    """The telephone of these tests knows no codec but G.711."""
    desk = Desk(lambda line: desk.echo(line))

    async def main() -> None:
        async with serving(asterisk, media, desk, rate=None), phone_of(asterisk, number_of(2)) as phone:
            call = await phone.dial("101")
            await call.follow([("play", tone(CALLERS, 0.5)), ("wait_quiet", 0.2), ("digits", "5#"), ("wait_end", SOON)])
            assert desk.lines[number_of(2)].rate == 8000
            assert desk.keys == {number_of(2): "5#"}
            assert seconds_of(call.rtp.heard(), CALLERS) == pytest.approx(0.5, abs=0.1)

    asyncio.run(main())


def test_ari_call_falls_silent_at_once_when_we_are_interrupted(asterisk: Asterisk, media: Media) -> None:
    """A second of sound is sent at once, as after a stall of the network; what Asterisk holds of it is dropped."""
    stopped: list[float] = []

    async def act(line: AriLine) -> None:
        await play(line, 0.3)
        if media == "websocket":
            for _ in range(50):
                await line.send(tone(OURS / 2, 0.04).tobytes())
        await asyncio.sleep(0.1)
        await line.cut()
        stopped.append(asyncio.get_running_loop().time())
        await desk.echo(line)

    desk = Desk(act)

    async def main() -> None:
        async with serving(asterisk, media, desk), phone_of(asterisk, number_of(1)) as phone:
            call = await phone.dial("101")
            await until(lambda: bool(stopped))
            await call.follow([("wait", 0.5), ("digits", "#"), ("wait_end", SOON)])
            assert call.rtp.last_loud - stopped[0] < 0.06

    asyncio.run(main())


def test_ari_callers_hang_up_at_any_moment(asterisk: Asterisk, media: Media) -> None:
    cases = dict(zip(map(number_of, range(10, 30)), CASES["hang-ups"], strict=False))

    async def act(line: AriLine) -> None:
        case = cases[line.caller or ""]
        if "transfer" in case:
            desk.outcomes[line.caller or ""] = await line.transfer(case["transfer"], {}, ring=5)
        async for _ in line.arrivals():
            if case.get("speaks"):
                await line.send(tone(OURS / 2, 0.04).tobytes())
        await line.send(bytes(640))
        await line.hang_up()
        await line.hang_up()

    desk = Desk(act)

    async def one(number: str, case: dict[str, Any]) -> None:
        async with phone_of(asterisk, number) as phone:
            call = await phone.dial("101")
            await call.follow([("wait", case["after"]), ("hangup",)])
            await until(lambda: number in desk.ended)

    async def main() -> None:
        async with serving(asterisk, media, desk) as server:
            await asyncio.gather(*(one(*pair) for pair in cases.items()))
            await until(lambda: server.calls == 0)
        await nothing_is_left(asterisk)

    asyncio.run(main())


def test_ari_transfers_have_the_outcome_that_asterisk_gives(asterisk: Asterisk, media: Media) -> None:
    """All at once, but for those in which the telephone PJSIP/human answers in a way of its own."""
    cases = dict(zip(map(number_of, range(30, 60)), CASES["transfers"], strict=False))

    async def act(line: AriLine) -> None:
        number = line.caller or ""
        desk.outcomes[number] = await line.transfer(cases[number]["to"], {"name": "Ann"}, ring=1)
        await desk.echo(line)
        await line.hang_up()

    desk = Desk(act)

    async def one(number: str, case: dict[str, Any]) -> None:
        async with phone_of(asterisk, number) as phone:
            call = await phone.dial("101")
            if case["outcome"] != "connected":  # the call is ours again, with sound both ways and keys
                await until(lambda: number in desk.outcomes)
                await call.follow([("play", tone(CALLERS, 0.6)), ("wait_quiet", 0.2), ("digits", "#")])
                assert seconds_of(call.rtp.heard(), CALLERS) > 0.3
            await call.follow([("wait_end", SOON)])
            assert call.ended_by == "them"

    async def main() -> None:
        async with telephone(asterisk) as human, serving(asterisk, media, desk):
            for refusal in sorted({case.get("refuse", "") for case in cases.values()}):
                human.refuse = refusal
                chosen = {n: case for n, case in cases.items() if case.get("refuse", "") == refusal}
                await asyncio.gather(*(one(*pair) for pair in chosen.items()))
        assert {cases[number]["name"]: outcome for number, outcome in desk.outcomes.items()} == {
            case["name"]: case["outcome"] for case in cases.values()
        }
        await nothing_is_left(asterisk)

    asyncio.run(main())


def test_ari_person_takes_the_call_and_knows_what_it_is_about(asterisk: Asterisk, media: Media) -> None:
    """Two telephones ring; the one that answers talks with the caller and sees what they said, in headers of SIP."""
    said = {"name": 'Ann "Annie" O\'Hara, 5', "summary": "wants Tuesday;\r\nX-Evil: ${SHELL(id)}", "Bad Name": "x"}
    invites: list[SipCall] = []

    async def talk(call: SipCall) -> None:
        invites.append(call)
        call.play(tone(PERSON, 0.6))
        await call.played()
        assert seconds_of(call.rtp.heard(), CALLERS) > 0.2

    async def act(line: AriLine) -> None:
        desk.outcomes[line.caller or ""] = await line.transfer("PJSIP/human&Local/203@people", said, ring=5)
        await line.hang_up()

    desk = Desk(act)

    async def main() -> None:
        async with (
            telephone(asterisk, talk),
            serving(asterisk, media, desk),
            phone_of(asterisk, number_of(60)) as phone,
        ):
            call = await phone.dial("101")
            call.play(tone(CALLERS, 1.5))
            await call.follow([("wait_end", SOON)])
            assert desk.outcomes == {number_of(60): "connected"}
            assert seconds_of(call.rtp.heard(), PERSON) > 0.4
        invite = invites[0].invite
        assert invite is not None
        assert number_of(60) in invite.get("From")
        told = parse_qs(invite.get("X-Frontdesk-Context"))
        assert told == {"name": [said["name"]], "summary": ["wants Tuesday; X-Evil: ${SHELL(id)}"]}
        assert unquote(invite.get("X-Frontdesk-Summary")) == "wants Tuesday; X-Evil: ${SHELL(id)}"
        assert not invite.get("X-Evil")
        await nothing_is_left(asterisk)

    asyncio.run(main())


def test_ari_call_outlives_its_events_and_new_calls_fall_back(asterisk: Asterisk, media: Media) -> None:
    """The connection of events breaks and comes back: the call that was held goes on, one that hung up meanwhile ends,
    and one that is dialled meanwhile tries FastAGI, which has nobody for it here, and gets a person."""
    desk = Desk(lambda line: desk.echo(line))
    kept, left, late = map(number_of, (70, 71, 72))

    async def main() -> None:
        async with AsyncExitStack() as stack:
            relay = await stack.enter_async_context(relay_to(asterisk.http_port))
            server = await stack.enter_async_context(serving(asterisk, media, desk, relay.url))
            phones = [await stack.enter_async_context(phone_of(asterisk, number)) for number in (kept, left, late)]
            call, leaving = await phones[0].dial("101"), await phones[1].dial("101")
            await until(lambda: len(desk.lines) == 2)
            relay.shut(lambda head: b"/ari/events" in head)
            while await server.connected(within=0):
                await asyncio.sleep(0.02)
            await call.follow([("play", tone(CALLERS, 0.6)), ("wait_quiet", 0.2)])
            assert seconds_of(call.rtp.heard(), CALLERS) > 0.3
            await leaving.hang_up()
            falling = await phones[2].dial("101")
            await until(lambda: seconds_of(falling.rtp.heard(), PERSON) > 0.3)
            await falling.hang_up()
            relay.open()
            assert await server.connected(within=SOON)
            await until(lambda: left in desk.ended)
            await call.follow([("digits", "12#"), ("wait_end", SOON)])
            assert desk.keys == {kept: "12#", left: ""}
        await nothing_is_left(asterisk)

    asyncio.run(main())


def test_ari_sound_that_breaks_is_opened_again(asterisk: Asterisk) -> None:
    desk = Desk(lambda line: desk.echo(line))

    async def main() -> None:
        async with (
            relay_to(asterisk.http_port) as relay,
            serving(asterisk, "websocket", desk, relay.url),
            phone_of(asterisk, number_of(73)) as phone,
        ):
            call = await phone.dial("101")
            await call.follow([("play", tone(CALLERS, 0.4)), ("wait_quiet", 0.2)])
            relay.cut(lambda head: b"/media/" in head)
            await call.follow([("wait", 0.2), ("play", tone(OURS, 0.6)), ("wait_quiet", 0.2), ("digits", "#")])
            await call.follow([("wait_end", SOON)])
            assert seconds_of(call.rtp.heard(), OURS) > 0.3
        await nothing_is_left(asterisk)

    asyncio.run(main())


@pytest.mark.parametrize("case", ["a fault of ours", "no room for another call", "we stop", "we are gone"])
def test_ari_safety_net_rings_a_person(asterisk: Asterisk, case: str) -> None:
    """Where we are gone without a word, the call stays with Asterisk until the next of us lets the dialplan go on."""

    async def act(line: AriLine) -> None:
        if case == "a fault of ours":
            raise RuntimeError(case)
        await desk.echo(line)

    desk = Desk(act)

    async def main() -> None:
        async with AsyncExitStack() as stack:
            relay = await stack.enter_async_context(relay_to(asterisk.http_port))
            phone = await stack.enter_async_context(phone_of(asterisk, number_of(80)))
            beside = await stack.enter_async_context(AsteriskServer(asterisk.settings, nobody))
            ari = replace(asterisk.ari, url=relay.url, calls=0 if case.startswith("no room") else 10)
            server = AriServer(ari, asterisk.settings, beside.sounds, desk.on_call)
            await server.start()
            stack.push_async_callback(server.stop)
            assert await server.connected(within=SOON)
            call = await phone.dial("101")
            if case == "we stop":
                await server.stop()
            elif case == "we are gone":
                relay.shut(lambda head: True)
                await stack.enter_async_context(AriServer(asterisk.ari, asterisk.settings, beside.sounds, desk.on_call))
            await until(lambda: seconds_of(call.rtp.heard(), PERSON) > 0.3)
            await call.hang_up()
        await nothing_is_left(asterisk)

    asyncio.run(main())


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so; fails after a while."""
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.02)


async def nothing_is_left(asterisk: Asterisk) -> None:
    """No channel and no bridge, after a while."""
    channels = bridges = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            while "0 active channels" not in channels or "frontdesk" in bridges:
                channels = await asyncio.to_thread(asterisk.ask, "core show channels count")
                bridges = await asyncio.to_thread(asterisk.ask, "bridge show all")
    assert "0 active channels" in channels
    assert "frontdesk" not in bridges
