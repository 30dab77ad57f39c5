"""Real calls through a real Asterisk: a SIP telephone on one side, AsteriskServer on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
import yaml

from agi.line import AsteriskLine
from agi.net.fastagi import FastAgiServer
from agi.server import AsteriskServer
from agi.settings import AsteriskSettings
from engine.call.line import Digit, Frame
from engine.errors import SettingsError
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipCall, SipPhone
from tests.agi.tones import seconds_of, tone

pytestmark = pytest.mark.asterisk
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "dialogues/calls.yaml").read_text())
NUMBER = "+302101234567"
PERSON, OURS, CALLERS = 440, 600, 900
"""Hertz: the person at 200, what we play, what the caller plays."""
SOON = 8.0
FRAME = 160


class Desk:
    """A handler that notes what happens; `act` is what it does with an answered call."""

    def __init__(self, act: Callable[[AsteriskLine], Awaitable[None]]) -> None:
        self.act = act
        self.keys = ""
        self.outcomes: list[str] = []
        self.heard = bytearray()
        self.called: tuple[str | None, str | None, str] | None = None
        self.ended = asyncio.Event()

    async def on_call(self, line: AsteriskLine, path: str, args: Sequence[str]) -> None:
        self.called = (line.caller, line.called, path)
        await line.answer()
        try:
            await self.act(line)
        finally:
            self.ended.set()

    async def echo(self, line: AsteriskLine, until: str = "") -> None:
        """Sends back what it hears until a key of `until`, or until the caller is gone."""
        async for arrival in line.arrivals():
            match arrival:
                case Frame(samples):
                    self.heard += samples
                    await line.send(samples)
                case Digit(key):
                    self.keys += key
                    if key in until:
                        return


@asynccontextmanager
async def dialled(
    asterisk: Asterisk, desk: Desk, settings: AsteriskSettings | None = None, number: str = "100"
) -> AsyncIterator[SipCall]:
    """A call to `number` that `desk` answers."""
    phone = await SipPhone(NUMBER, asterisk.sip).open()
    try:
        async with AsteriskServer(settings or asterisk.settings, desk.on_call):
            yield await phone.dial(number)
    finally:
        await phone.close()


async def play(line: AsteriskLine, seconds: float) -> None:
    """What we play, paced as a mouth would."""
    samples, due = tone(OURS, seconds), asyncio.get_running_loop().time()
    for at in range(0, len(samples), FRAME):
        await line.send(samples[at : at + FRAME].tobytes())
        due += 0.02
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))


def test_call_has_sound_both_ways_and_keys(asterisk: Asterisk) -> None:
    async def main() -> None:
        desk = Desk(lambda line: desk.echo(line, until="#"))
        async with dialled(asterisk, desk) as call:
            script = [("wait", 0.2), ("play", tone(CALLERS, 1.0)), ("wait_quiet", 0.2), ("digits", "12*0#")]
            await call.follow([*script, ("wait_end", SOON)])
            assert desk.called == (NUMBER, "100", "trattoria")
            assert desk.keys == "12*0#"
            assert seconds_of(call.rtp.heard(), CALLERS) == pytest.approx(1.0, abs=0.1)
            assert call.ended_by == "them"

    asyncio.run(main())


def test_call_hears_a_prompt_whole(asterisk: Asterisk) -> None:
    async def main() -> None:
        desk = Desk(lambda line: play(line, 1.0))
        async with dialled(asterisk, desk) as call:
            await call.follow([("wait_end", SOON)])
            assert seconds_of(call.rtp.heard(), OURS) == pytest.approx(1.0, abs=0.1)

    asyncio.run(main())


def test_call_stays_up_while_nobody_says_anything(asterisk: Asterisk) -> None:
    async def main() -> None:
        desk = Desk(lambda line: desk.echo(line))
        async with dialled(asterisk, desk) as call:
            call.rtp.pause(True)
            await until(lambda: len(desk.heard) > 150 * 320)  # silence stands in for what a muted telephone omits
            assert not call.ended.is_set()
            call.rtp.pause(False)
            await call.follow([("play", tone(CALLERS, 0.5)), ("wait_quiet", 0.2)])
            assert seconds_of(call.rtp.heard(), CALLERS) > 0.3

    asyncio.run(main())


@pytest.mark.parametrize("case", CASES["hang-ups"], ids=lambda case: case["name"])
def test_caller_hangs_up_at_any_moment(asterisk: Asterisk, case: dict[str, Any]) -> None:
    async def act(line: AsteriskLine) -> None:
        if "transfer" in case:
            desk.outcomes.append(await line.transfer(case["transfer"], {}, ring=5))
        async for _ in line.arrivals():
            if case.get("speaks"):
                await line.send(tone(OURS, 0.02).tobytes())
        await line.send(bytes(320))
        await line.hang_up()
        desk.outcomes.append("gone")

    desk = Desk(act)

    async def main() -> None:
        async with dialled(asterisk, desk) as call:
            await call.follow([("wait", case["after"]), ("hangup",)])
            await asyncio.wait_for(desk.ended.wait(), SOON)
            assert desk.outcomes[-1] == "gone"
        assert "0 active channels" in await quiet_channels(asterisk)

    asyncio.run(main())


@pytest.mark.parametrize("case", CASES["transfers"], ids=lambda case: case["name"])
def test_transfer(asterisk: Asterisk, case: dict[str, Any]) -> None:
    async def act(line: AsteriskLine) -> None:
        desk.outcomes.append(await line.transfer(case["to"], {"name": "Ann"}, ring=1))
        await desk.echo(line, until="#")
        await line.hang_up()
        await line.hang_up()

    desk = Desk(act)

    async def main() -> None:
        human = await SipPhone("human", asterisk.sip, refuse=case.get("refuse", "")).open(asterisk.human_port)
        async with dialled(asterisk, desk) as call:
            if case["outcome"] == "connected":
                await call.follow([("wait_end", SOON)])
            else:  # the call is ours again, with sound both ways and keys
                await until(lambda: bool(desk.outcomes))
                await call.follow([("play", tone(CALLERS, 0.6)), ("wait_quiet", 0.2), ("digits", "#")])
                await call.follow([("wait_end", SOON)])
                assert seconds_of(call.rtp.heard(), CALLERS) > 0.4
            assert desk.outcomes == [case["outcome"]]
            assert call.ended_by == "them"
        await human.close()

    asyncio.run(main())


def test_transfer_hands_over_what_the_caller_said(asterisk: Asterisk) -> None:
    said = {"name": 'Ann "Annie" O\'Hara, 5', "summary": "wants Tuesday;\r\nX-Evil: ${SHELL(id)}", "Bad Name": "x"}
    invites: list[SipCall] = []

    async def talk(call: SipCall) -> None:
        invites.append(call)
        call.play(tone(PERSON, 0.6))
        await call.played()
        call.press("7")
        await call.played()

    async def act(line: AsteriskLine) -> None:
        desk.outcomes.append(await line.transfer("PJSIP/human", said, ring=5))

    desk = Desk(act)

    async def main() -> None:
        human = await SipPhone("human", asterisk.sip, on_call=talk).open(asterisk.human_port)
        async with dialled(asterisk, desk) as call:
            await call.follow([("wait_end", SOON)])
            assert desk.outcomes == ["connected"]
            assert seconds_of(call.rtp.heard(), PERSON) > 0.4
        await human.close()
        invite = invites[0].invite
        assert invite is not None
        told = parse_qs(invite.get("X-Frontdesk-Context"))
        assert told == {"name": [said["name"]], "summary": ["wants Tuesday; X-Evil: ${SHELL(id)}"]}
        assert unquote(invite.get("X-Frontdesk-Summary")) == "wants Tuesday; X-Evil: ${SHELL(id)}"
        assert not invite.get("X-Evil")

    asyncio.run(main())


@pytest.mark.parametrize("case", CASES["safety net"], ids=lambda case: case["name"])
def test_safety_net_rings_a_person(asterisk: Asterisk, case: dict[str, Any]) -> None:
    async def act(line: AsteriskLine) -> None:
        if case.get("fails"):
            raise RuntimeError("a fault of ours")
        await desk.echo(line)
        await line.hang_up()

    desk = Desk(act)
    settings = replace(asterisk.settings, **case.get("settings", {}))

    async def main() -> None:
        async with dialled(asterisk, desk, settings) as call:
            await until(lambda: seconds_of(call.rtp.heard(), PERSON) > 0.3)

    asyncio.run(main())


def test_safety_net_rings_a_person_when_nobody_serves(asterisk: Asterisk) -> None:
    async def main() -> None:
        phone = await SipPhone(NUMBER, asterisk.sip).open()
        call = await phone.dial("100")
        await until(lambda: seconds_of(call.rtp.heard(), PERSON) > 0.3)
        await phone.close()

    asyncio.run(main())


def test_server_that_stops_lets_a_call_finish(asterisk: Asterisk) -> None:
    async def main() -> None:
        desk = Desk(lambda line: desk.echo(line, until="#"))
        phone = await SipPhone(NUMBER, asterisk.sip).open()
        server = AsteriskServer(asterisk.settings, desk.on_call)
        await server.start()
        call = await phone.dial("100")
        await until(lambda: server.calls == 1 and bool(desk.heard))
        stopping = asyncio.create_task(server.stop(grace=SOON))
        later = await phone.dial("100")
        await until(lambda: seconds_of(later.rtp.heard(), PERSON) > 0.3)
        await call.follow([("play", tone(CALLERS, 0.5)), ("wait_quiet", 0.2), ("digits", "#"), ("wait_end", SOON)])
        await asyncio.wait_for(stopping, SOON)
        assert seconds_of(call.rtp.heard(), CALLERS) > 0.3
        assert seconds_of(call.rtp.heard(), PERSON) == 0
        await phone.close()

    asyncio.run(main())


def test_sound_that_breaks_is_opened_again(asterisk: Asterisk) -> None:
    async def main() -> None:
        desk = Desk(lambda line: desk.echo(line))
        async with cuttable(asterisk.settings.audio_port) as (port, cut):
            settings = replace(asterisk.settings, audio_address=f"127.0.0.1:{port}")
            async with dialled(asterisk, desk, settings) as call:
                await call.follow([("play", tone(CALLERS, 0.5)), ("wait_quiet", 0.2)])
                cut()
                await call.follow([("play", tone(OURS, 0.6)), ("wait_quiet", 0.2)])
                assert seconds_of(call.rtp.heard(), OURS) > 0.3

    asyncio.run(main())


def test_second_frontdesk_on_the_same_port_says_so(asterisk: Asterisk) -> None:
    async def main() -> None:
        desk = Desk(lambda line: desk.echo(line))
        async with AsteriskServer(asterisk.settings, desk.on_call):
            for second in (
                AsteriskServer(asterisk.settings, desk.on_call),
                AsteriskServer(replace(asterisk.settings, audio_port=0), desk.on_call),
            ):
                with pytest.raises(SettingsError, match="is taken: is another frontdesk running"):
                    await second.start()

    asyncio.run(main())


def test_unknown_sound_id_is_refused_by_us_and_the_session_keeps_the_call(asterisk: Asterisk) -> None:
    """Asterisk is told to bring an id that nobody announced: it comes back at once with the channel still up."""
    replies: list[str] = []
    done = asyncio.Event()

    async def main() -> None:
        async def talk(session: Any) -> None:
            await session.execute("ANSWER")
            sound = f"1d28e541-fbdd-49e2-b111-50d666b97152,127.0.0.1:{asterisk.settings.audio_port}"
            await session.execute("EXEC", "AudioSocket", sound)
            replies.append((await session.execute("CHANNEL STATUS")).result)
            done.set()

        desk = Desk(lambda line: desk.echo(line))
        phone = await SipPhone(NUMBER, asterisk.sip).open()
        elsewhere = replace(asterisk.settings, agi_port=0)
        async with AsteriskServer(elsewhere, desk.on_call):
            control = FastAgiServer("127.0.0.1", asterisk.settings.agi_port, talk)
            await control.start()
            await phone.dial("100")
            await asyncio.wait_for(done.wait(), SOON)
            await control.stop()
        await phone.close()
        assert replies == ["6"]

    asyncio.run(main())


@asynccontextmanager
async def cuttable(port: int) -> AsyncIterator[tuple[int, Callable[[], None]]]:
    """A relay to `port` whose connections can be cut."""
    writers: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                writer.write(data)
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond, away = await asyncio.open_connection("127.0.0.1", port)
        writers.extend((writer, away))
        await asyncio.gather(pass_on(reader, away), pass_on(beyond, writer))

    def cut() -> None:
        for writer in writers:
            writer.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], cut
    finally:
        cut()
        server.close()


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so; fails after a while."""
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.02)


async def quiet_channels(asterisk: Asterisk) -> str:
    """Asterisk's channels once none is left, or after a while."""
    said = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            while "0 active channels" not in said:
                said = await asyncio.to_thread(asterisk.ask, "core show channels count")
    return said
