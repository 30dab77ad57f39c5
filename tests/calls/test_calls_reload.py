"""A desk at work whose flows are edited: calls that run keep their version, and nothing unsound takes its place."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agi.proving import sound_elsewhere, sound_flow
from agi.reload import Reloader
from engine.actions.store import open_store
from engine.call.desk import Desk, DeskSettings
from engine.effects import Effect, Say
from engine.errors import AuthorError
from engine.events import Event
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.settings import LineSettings
from engine.shipped import find_flow
from engine.speech import engines, voices
from engine.speech.engines import Listening
from engine.speech.vendors.scripted import Scripted
from tests.calls.virtual import START, FakeLine, FakeVoice

GREETING = "I'm the booking assistant, a computer."


class Counted(Scripted):
    """A recogniser that knows whether it was closed."""

    closed = False

    async def close(self) -> None:
        assert not self.closed
        self.closed = True


class Words:
    """Everything that was said in a call."""

    def __init__(self) -> None:
        self.said = ""
        self.begun = asyncio.Event()

    def event(self, event: Event, now: datetime) -> None:
        """Not kept."""

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        for effect in effects:
            if isinstance(effect, Say):
                self.said += "".join(prompt.text for prompt in effect.prompts)
                self.begun.set()

    def timing(self, name: str, milliseconds: float) -> None:
        """Not kept."""


async def beside(line: LineSettings) -> Flow:
    """What `sound_elsewhere` finds, without a process for each test."""
    return await asyncio.to_thread(sound_flow, line)


@asynccontextmanager
async def at_work(folder: Path, said: list[str]) -> AsyncIterator[tuple[Desk, Reloader, list[Counted]]]:
    """A desk that answers `line` with the flow of a folder, its reloader, and the recognisers that it opened."""
    recognisers: list[Counted] = []

    def opened(_: Flow, __: Listening) -> Counted:
        recognisers.append(Counted(()))
        return recognisers[-1]

    with pytest.MonkeyPatch.context() as patch, open_store(folder.parent / "calls.db") as store:
        patch.setitem(engines.RECOGNISERS, "counted", opened)  # type: ignore[arg-type]
        for name in ("fake", "espeak"):
            patch.setitem(voices.VOICES, name, lambda _: FakeVoice())
        settings = DeskSettings(folder.parent / "recordings", listening=Listening("counted"), voice="fake")
        clock = asyncio.get_running_loop().time
        desk = Desk(
            settings, {"line": load_flow(folder)}, store, lambda: START.astimezone() + timedelta(seconds=clock())
        )
        try:
            lines = {"line": LineSettings("line", folder / "flow.yaml")}
            yield desk, Reloader(lines, desk, said.append, beside), recognisers
        finally:
            await desk.close()
            assert all(recogniser.closed for recogniser in recognisers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(find_flow("trattoria").parent, tmp_path / "flow"))


def edit(folder: Path, old: str, new: str, name: str = "flow.yaml") -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


async def call(desk: Desk) -> tuple[FakeLine, Words, asyncio.Task[object]]:
    """A call that has begun to speak."""
    line, words = FakeLine([]), Words()
    task: asyncio.Task[object] = asyncio.create_task(desk.answer(line, "line", (words,)))
    await asyncio.wait_for(words.begun.wait(), 20)
    return line, words, task


async def hang_up(lines: Iterable[tuple[FakeLine, asyncio.Task[object]]]) -> None:
    for line, task in lines:
        line._gone = True
        await task


def test_a_running_call_keeps_its_version(folder: Path) -> None:
    async def act() -> None:
        said: list[str] = []
        async with at_work(folder, said) as (desk, reloader, recognisers):
            line, words, task = await call(desk)
            edit(folder, GREETING, "Hello, I am new here.")
            await reloader.look()
            assert len(said) == 2
            assert "with 1 difference for callers" in said[0]
            assert said[1].startswith("  changed  prompt hello: ")
            other, others, second = await call(desk)
            assert GREETING in words.said
            assert "Hello, I am new here." in others.said
            assert not recognisers[0].closed
            await hang_up([(line, task)])
            assert [recogniser.closed for recogniser in recognisers] == [True, False]
            await hang_up([(other, second)])
            assert not recognisers[1].closed

    asyncio.run(act())


def test_a_version_with_errors_is_refused_and_the_old_one_answers(folder: Path) -> None:
    async def act() -> None:
        said: list[str] = []
        async with at_work(folder, said) as (desk, reloader, recognisers):
            version = desk.lines["line"].compiled.flow.hash
            edit(folder, "then: may_record", "then: may_recrod")
            await reloader.look()
            assert desk.lines["line"].compiled.flow.hash == version
            assert said[0] == f"line line: the new version is refused, and calls go on with {version[:8]}"
            assert "error[unknown-step] there is no step `may_recrod`" in said[1]
            await reloader.look()
            assert len(recognisers) == 1
            said.clear()
            edit(folder, "then: may_recrod", "then: may_record")
            await reloader.look()
            assert said == []
            assert desk.lines["line"].compiled.flow.hash == version

    asyncio.run(act())


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("personas/host.yaml", "persona: host", "persona: host\nnonsense: yes", "is refused"),
        ("personas/host.yaml", "\npace", "\n# slower\npace", ""),
        ("change_booking.yaml", "frontdesk: 1", "frontdesk: 2", "is refused"),
        ("change_booking.yaml", "frontdesk: 1", "# nothing\nfrontdesk: 1", "with 0 differences for callers"),
    ],
)
def test_every_file_of_a_flow_is_watched(folder: Path, name: str, old: str, new: str, said: str) -> None:
    async def act() -> None:
        announced: list[str] = []
        async with at_work(folder, announced) as (_, reloader, __):
            edit(folder, old, new, name)
            await reloader.look()
            assert said in "\n".join(announced)
            assert bool(announced) == bool(said)

    asyncio.run(act())


def test_a_reload_can_be_asked_for(folder: Path) -> None:
    async def act() -> None:
        said: list[str] = []
        async with at_work(folder, said) as (_, reloader, __):
            told = asyncio.Event()
            watching = asyncio.create_task(reloader.watch(told, every=3600))
            edit(folder, GREETING, "Hello.")
            told.set()
            while not said:
                await asyncio.sleep(0.01)
            watching.cancel()
            assert "1 difference for callers" in said[0]

    asyncio.run(act())


def test_a_process_of_its_own_says_what_is_sound_and_what_is_not(folder: Path) -> None:
    line = LineSettings("line", folder / "flow.yaml")
    assert asyncio.run(sound_elsewhere(line)).hash == load_flow(folder).hash
    edit(folder, "ask: What time?", "ask: What time on {nonsense}?")
    with pytest.raises(AuthorError, match="nonsense"):
        asyncio.run(sound_elsewhere(line))
