"""Calls that we make through a real Asterisk: to people who answer, are busy or never answer, and to machines."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from agi.outbound.campaign import read_campaign
from agi.outbound.dialler import Dialler, Outcome
from agi.outbound.door import callees_of
from agi.outbound.opening import Outbound
from agi.outbound.plan import Callee
from agi.outbound.runner import Runner
from engine.actions.outbound import calls_of
from engine.actions.store import Store, open_store
from engine.call.desk import Desk, DeskSettings
from engine.flow.loader import load_flow
from engine.settings import Asterisk as AsteriskSection
from engine.settings import Settings
from engine.shipped import find_flow
from engine.speech.vendors.scripted import Scripted
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipCall, SipPhone
from tests.agi.tones import seconds_of, tone
from tests.calls.calling import KeyCaller, spoken

pytestmark = pytest.mark.asterisk
ABOUT = {
    "patient": "Maria Rossi", "reference": "582034", "booked_day": "2026-10-02", "booked_time": "09:00",
    "booked_service": "a blood test",
}  # fmt: skip
NOON = datetime(2026, 10, 1, 12, 5, tzinfo=ZoneInfo("Europe/London"))
BEEP = 1000
SOON = 10.0


@asynccontextmanager
async def dialling(asterisk: Asterisk, folder: Path) -> AsyncIterator[Outbound]:
    """What `frontdesk dial` opens, with the tests' Asterisk and a recogniser that hears nothing."""
    flow, began = load_flow(find_flow("reminder")), time.monotonic()
    settings = Settings(asterisk=AsteriskSection(dial="PJSIP/{number}@human", caller_id="+441632960000"))
    with open_store(folder / "calls.db", folder / "recordings") as store:
        desk = Desk(DeskSettings(folder / "recordings"), {flow.name: flow}, store,
                    lambda: NOON + timedelta(seconds=time.monotonic() - began), Scripted({}))  # fmt: skip
        try:
            async with Dialler(asterisk.ari, replace(asterisk.settings, audio_port=0)) as dialler:
                yield Outbound(settings, flow, store, desk, dialler)
        finally:
            await desk.close()


@asynccontextmanager
async def telephone(
    asterisk: Asterisk, answers: Callable[[SipCall], Awaitable[None]] | None, refuse: str = ""
) -> AsyncIterator[SipPhone]:
    phone = await SipPhone("human", asterisk.sip, answers, refuse).open(asterisk.human_port)
    try:
        yield phone
    finally:
        await phone.close()


def test_a_patient_answers_and_keeps_the_appointment(asterisk: Asterisk, tmp_path: Path) -> None:
    hello = np.frombuffer(spoken("awb", "hello", tmp_path), "<i2")
    caller = KeyCaller({"right_person": "1", "reminder": "1"})
    numbers: list[str] = []

    async def patient(call: SipCall) -> None:
        assert call.invite is not None
        numbers.append(call.invite.get("From"))
        await asyncio.sleep(0.3)
        call.play(hello)
        caller.telephone = Keys(call)
        await call.ended.wait()

    async def main() -> Outcome:
        async with dialling(asterisk, tmp_path) as ours, telephone(asterisk, patient):
            wish = ours.wish("+441632960123", ABOUT, 10, None, None)
            return await ours.dialler.call(wish, ours.desk, "reminder", [caller])

    outcome = asyncio.run(main())
    assert (outcome.outcome, outcome.why) == ("talked", "kept")
    assert "+441632960000" in numbers[0]


class Keys:
    """The telephone of a patient who presses keys."""

    def __init__(self, call: SipCall) -> None:
        self.press = call.press

    def play(self, samples: bytes) -> None:
        """Says nothing."""

    def hang_up(self) -> None:
        """Stays."""


@pytest.mark.parametrize(("refuse", "ring", "outcome"), [
    ("486 Busy Here", 5, "busy"), ("603 Decline", 5, "declined"), ("", 1, "no_answer"),
])  # fmt: skip
def test_nobody_is_reached(asterisk: Asterisk, tmp_path: Path, refuse: str, ring: float, outcome: str) -> None:
    async def main() -> Outcome:
        async with dialling(asterisk, tmp_path) as ours, telephone(asterisk, None, refuse or "180 Ringing"):
            return await ours.dialler.call(ours.wish("+441632960123", ABOUT, ring, None, None), ours.desk, "reminder")

    assert asyncio.run(main()) == Outcome(outcome)


@pytest.mark.parametrize(("after", "outcome"), [(0.0, "no_answer"), (0.6, "no_answer"), (3.0, "talked")])
def test_whoever_answers_may_hang_up_at_any_moment(
    asterisk: Asterisk, tmp_path: Path, after: float, outcome: str
) -> None:
    """At once, while we listen who it is, and in the conversation; nothing of the call is left in Asterisk."""
    hello = np.frombuffer(spoken("awb", "hello", tmp_path), "<i2")

    async def person(call: SipCall) -> None:
        if after > 1:
            call.play(hello)
        await asyncio.sleep(after)

    async def main() -> Outcome:
        async with dialling(asterisk, tmp_path) as ours, telephone(asterisk, person):
            made = await ours.dialler.call(ours.wish("+441632960123", ABOUT, 5, None, None), ours.desk, "reminder")
            async with asyncio.timeout(SOON):
                while "0 active channels" not in await asyncio.to_thread(asterisk.ask, "core show channels count"):
                    await asyncio.sleep(0.1)
            assert ours.desk.running == 0
            return made

    assert asyncio.run(main()).outcome == outcome


@pytest.mark.parametrize(("says", "outcome"), [("Please call Millbrook Surgery.", "message"), (None, "machine")])
def test_a_machine_answers(asterisk: Asterisk, tmp_path: Path, says: str | None, outcome: str) -> None:
    """Words are left after its beep, and none before it; without words we hang up."""
    words = "you have reached the mailbox of maria rossi please leave a message after the tone and I will call you back"
    greeting = np.concatenate([np.frombuffer(spoken("awb", words, tmp_path), "<i2"), tone(BEEP, 0.4)])
    heard: list[tuple[float, SipCall]] = []

    async def machine(call: SipCall) -> None:
        call.play(greeting)
        await call.played()
        heard.append((asyncio.get_running_loop().time(), call))
        await asyncio.wait({asyncio.ensure_future(call.ended.wait())}, timeout=15)

    async def main() -> Outcome:
        async with dialling(asterisk, tmp_path) as ours, telephone(asterisk, machine):
            return await ours.dialler.call(ours.wish("+441632960123", ABOUT, 5, None, says), ours.desk, "reminder")

    assert asyncio.run(main()) == Outcome(outcome)
    if says is not None:
        ((beeped, call),) = heard
        loud = [packet.at for packet in call.rtp.packets if np.abs(packet.samples.astype(int)).max() > 1500]
        assert min(loud) > beeped - 0.5
        assert len(loud) * 0.02 > 0.8
        assert not seconds_of(call.rtp.heard(), BEEP)


def test_a_campaign_that_is_started_again_calls_nobody_twice(asterisk: Asterisk, tmp_path: Path) -> None:
    """One is busy and is tried again, one answers, one stands on the list; a second run has nothing left to do."""
    file = tmp_path / "campaign.yaml"
    numbers = ["+441632960101", "+441632960102", "+441632960103"]
    file.write_text(json.dumps({
        "campaign": "reminders", "flow": "reminder", "hours": {"daily": ["00:00-23:59"]}, "tries": 2,
        "wait": "1 minute", "do_not_call": [numbers[2]], "ring": "5 s", "machine": {"say": "Please call us."},
        "calls": [{"number": number, "set": ABOUT} for number in numbers],
    }))  # fmt: skip
    read, answered = read_campaign(file), {"tries": 0}
    campaign = replace(read, rules=replace(read.rules, wait=timedelta(seconds=1)))
    words = np.frombuffer(spoken("awb", "we are not at home leave a message please " * 2, tmp_path), "<i2")
    greeting = np.concatenate([words, tone(BEEP, 0.4)])

    async def machine(call: SipCall) -> None:
        call.play(greeting)
        await asyncio.wait({asyncio.ensure_future(call.ended.wait())}, timeout=15)

    async def run(store: Store, call: Any, flow: Any) -> dict[str, int]:
        runner = Runner(campaign, store, lambda: callees_of(campaign, flow, store, NOON), call,
                        lambda: datetime.now().astimezone(), lambda callee, outcome: None)  # fmt: skip
        return dict(await runner.run(asyncio.Event()))

    async def main() -> list[dict[str, int]]:
        async with dialling(asterisk, tmp_path) as ours:

            async def call(callee: Callee) -> Outcome:
                busy = callee.number == numbers[0]
                answered["tries"] += busy
                refuse = "486 Busy Here" if busy else ""
                async with telephone(asterisk, None if busy else machine, refuse):
                    wish = ours.wish(callee.number, callee.about, campaign.ring, None, campaign.machine_says)
                    return await ours.dialler.call(wish, ours.desk, "reminder")

            first = await run(ours.store, call, ours.flow)
            second = await run(ours.store, call, ours.flow)
            calls = ours.store.read(lambda connection: calls_of(connection, "reminders"))
            assert sorted((made.number, made.outcome) for made in calls) == [
                (numbers[0], "busy"), (numbers[0], "busy"), (numbers[1], "message"),
            ]  # fmt: skip
            return [first, second]

    assert asyncio.run(main()) == [{"busy": 2, "message": 1}] * 2
    assert answered["tries"] == 2
