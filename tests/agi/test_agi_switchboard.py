"""Calls of Stasis() that are shared among processes, against a fake of Asterisk's web server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from agi import switchboard
from agi.answering import Share, ari_settings
from agi.switchboard import Switchboard
from engine.errors import PeerError
from engine.settings import Ari, Asterisk, Settings
from tests.agi.fake_ari import LEFT, FakeAsterisk, fake_asterisk, settings_of, until

THEIRS = LEFT["channel_ids"][0]
"""A caller's channel that the fake has in every application."""


@dataclass
class Places:
    """Gives each call to `desk-process-2`; turns away a channel named `crowd`."""

    given: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)

    def place(self, channel: str) -> str:
        if channel == "crowd":
            raise PeerError("too many")
        self.given.append(channel)
        return "desk-process-2"


@asynccontextmanager
async def sharing(fake: FakeAsterisk, places: Places) -> AsyncIterator[Switchboard]:
    found = Switchboard(settings_of(fake), places.place, places.missed.append, places.announced.append)
    found.start()
    try:
        yield found
    finally:
        await found.stop()


async def enter(fake: FakeAsterisk, channel: str, *args: str) -> None:
    assert fake.send is not None
    event: dict[str, Any] = {"type": "StasisStart", "channel": {"id": channel}, "args": list(args)}
    await fake.send(json.dumps(event))


def test_a_call_is_moved_to_the_process_that_has_a_place_for_it() -> None:
    async def main() -> None:
        places = Places()
        async with fake_asterisk() as fake, sharing(fake, places) as board:
            board.reach(True)
            await until(lambda: board.connected)
            await enter(fake, "1.1", "trattoria", "vip")
            await until(lambda: "POST /ari/channels/1.1/move" in fake.asked)
            board.arrived("1.1")
            await enter(fake, "crowd", "trattoria")
            await until(lambda: "POST /ari/channels/crowd/continue" in fake.asked)
            await enter(fake, LEFT["channel_ids"][2])  # of a frontdesk before us
            await until(lambda: f"DELETE /ari/channels/{LEFT['channel_ids'][2]}" in fake.asked)
        assert fake.parameters["/ari/channels/1.1/move"] == {"app": "desk-process-2", "appArgs": "trattoria,vip"}
        assert "POST /ari/channels/1.1/continue" not in fake.asked
        assert places.given == ["1.1"]

    asyncio.run(main())


def test_a_call_that_does_not_come_goes_to_the_safety_net(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switchboard, "COMES_WITHIN", 0.05)

    async def main() -> None:
        places = Places()
        async with fake_asterisk() as fake, sharing(fake, places) as board:
            board.reach(True)
            await until(lambda: board.connected)
            await enter(fake, "1.1", "trattoria")
            await until(lambda: "POST /ari/channels/1.1/continue" in fake.asked)
            assert places.missed == ["1.1"]

    asyncio.run(main())


def test_stasis_leads_here_only_while_a_process_can_be_reached() -> None:
    async def main() -> None:
        places = Places()
        async with fake_asterisk() as fake, sharing(fake, places) as board:
            for _ in range(5):
                await asyncio.sleep(0)
            assert not fake.connections
            board.reach(True)
            await until(lambda: board.connected)
            assert "Stasis(frontdesk)" in places.announced[0]

    asyncio.run(main())


def test_the_calls_of_a_process_that_is_gone_are_given_back() -> None:
    async def main() -> None:
        places = Places()
        async with fake_asterisk() as fake, sharing(fake, places) as board:
            board.lost("desk-process-1", ["on.its.way"])
            await until(lambda: any("DELETE /ari/bridges" in asked for asked in fake.asked))
        assert "GET /ari/applications/desk-process-1" in fake.asked
        assert {"POST /ari/channels/on.its.way/continue", f"POST /ari/channels/{THEIRS}/continue"} <= {*fake.asked}
        assert not places.missed

    asyncio.run(main())


def test_each_process_is_an_application_of_its_own() -> None:
    settings = Settings(asterisk=Asterisk(ari=Ari("http://127.0.0.1:8088", app="desk")))
    found = [ari_settings(settings, share) for share in (Share(), Share(1, 2), Share(2, 2))]
    assert [each.app for each in found if each is not None] == ["desk", "desk-process-1", "desk-process-2"]
