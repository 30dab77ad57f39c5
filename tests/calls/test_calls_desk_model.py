"""A desk with a model server beside it: warm before the first call, warm again after a reload, and gone is no fault."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from engine.actions.store import open_store
from engine.call.desk import Desk, DeskSettings
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.speech import voices
from engine.speech.vendors.scripted import Scripted
from engine.understanding.model import ModelSettings
from tests.calls.virtual import START, FakeVoice
from tests.understanding.chat_server import ChatServer, chat_server


def with_desk(folder: Path, work: Callable[[Desk, ChatServer], Coroutine[Any, Any, None]]) -> None:
    flow = load_flow(folder / "flow")

    async def held() -> None:
        with pytest.MonkeyPatch.context() as patch, open_store(":memory:") as store:
            for name in ("fake", "espeak"):
                patch.setitem(voices.VOICES, name, lambda _: FakeVoice())
            async with chat_server() as server:
                settings = DeskSettings(folder / "recordings", voice="fake", model=ModelSettings(server.url))
                desk = Desk(settings, {"one": flow, "two": flow}, store, lambda: START, Scripted(()))
                try:
                    await work(desk, server)
                finally:
                    await desk.close()

    asyncio.run(held())


def systems(server: ChatServer) -> list[str]:
    return [question["messages"][0]["content"] for question in server.questions]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(find_flow("trattoria").parent, tmp_path / "flow")
    return tmp_path


def test_every_prefix_is_warm_before_the_first_call_and_after_a_reload(folder: Path) -> None:
    async def work(desk: Desk, server: ChatServer) -> None:
        await desk.warm()
        tier = desk.lines["one"].model
        assert tier is not None
        assert set(systems(server)) == {tier.system}
        file = folder / "flow" / "flow.yaml"
        file.write_text(
            file.read_text(encoding="utf-8").replace("do you have parking", "is there a garage"), encoding="utf-8"
        )
        await desk.replace("one", load_flow(folder / "flow"))
        newer = desk.lines["one"].model
        assert newer is not None
        assert systems(server)[-1] == newer.system != tier.system
        assert "is there a garage" in newer.system

    with_desk(folder, work)


def test_a_server_that_is_away_keeps_nobody_from_starting(folder: Path) -> None:
    async def work(desk: Desk, server: ChatServer) -> None:
        server.answer = "unused"
        server.names = ()
        await desk.warm()
        text = desk.metrics.render().decode()
        assert "frontdesk_model_breaker_open 1.0" in text

    with_desk(folder, work)
