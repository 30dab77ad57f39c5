"""Calls and the world outside: an AGI script as a tool in the middle of a call, and the news of a call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from json import loads
from pathlib import Path
from typing import Any

import pytest

from engine.actions.outside import Outside, Webhook
from engine.actions.store import open_store
from engine.call.desk import Desk, DeskSettings
from engine.call.parts import Parts
from engine.dialogue.machine import compile_flow
from engine.events import ToolReturned
from engine.flow.loader import load_flow
from engine.speech import voices
from engine.speech.vendors.scripted import Scripted
from tests.calls.virtual import START, FakeDetector, FakeLine, FakeTools, FakeVoice, hold

WORDS = ["no", "a table for four on saturday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]

SHORT = str(Path(__file__).parent / "flows/control/flow.yaml")


@dataclass
class ScriptLine(FakeLine):
    """A telephone over which scripts can be run; `leaves` are the channel variables that they set."""

    leaves: Mapping[str, str] | None = None
    ran: list[tuple[object, ...]] = field(default_factory=list)

    async def run_script(
        self, name: str, arguments: Sequence[str], wanted: Sequence[str], seconds: float
    ) -> Mapping[str, str] | None:
        self.ran.append((name, *arguments, wanted))
        return self.leaves


def with_script(parts: Parts) -> Parts:
    """The table is looked for by a script."""
    made = parts.compiled.flow
    tools = {**made.tools, "find_table": replace(made.tools["find_table"], does="script.tables")}
    return replace(parts, compiled=compile_flow(replace(made, tools=tools)))


CASES: tuple[tuple[Mapping[str, str] | None, str], ...] = (
    ({"FD_RESULT": "free"}, "free"),
    ({"FD_RESULT": "full", "OTHER_TIMES": "19:00, 21:00"}, "full"),
    ({"FD_RESULT": "full", "OTHER_TIMES": "later"}, "failed"),
    (None, "failed"),
)


@pytest.mark.parametrize(("leaves", "outcome"), CASES)
def test_a_script_is_a_tool_of_a_flow(leaves: Mapping[str, str] | None, outcome: str, tmp_path: Path) -> None:
    line, tools = ScriptLine([0.6] * 6, leaves=leaves), FakeTools()
    held = hold(line, WORDS, tools, tmp_path, change=with_script)
    assert line.ran[0][:4] == ("tables", "2026-10-03", "19:30", "4")
    returned = next(event for event in held.events if isinstance(event, ToolReturned))
    assert returned.outcome == outcome
    assert ("book_table" in tools.calls) == (outcome == "free")


def test_over_a_line_without_agi_a_script_fails(tmp_path: Path) -> None:
    held = hold(FakeLine([0.6] * 6), WORDS, FakeTools(), tmp_path, change=with_script)
    assert next(event for event in held.events if isinstance(event, ToolReturned)).outcome == "failed"


def test_an_address_is_told_of_a_call_and_of_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake of the other side takes the news; the call does not wait for it."""
    told: list[dict[str, Any]] = []
    all_told = threading.Event()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()
            if len(told) == 3:
                all_told.set()

        def log_message(self, *_: object) -> None:
            pass

    async def call(url: str) -> None:
        with open_store(tmp_path / "calls.db") as store:
            outside = Outside({"desk": Webhook("desk", url)}, events="desk")
            settings = DeskSettings(tmp_path / "recordings", voice="fake", outside=outside)
            desk = Desk(settings, {"short": load_flow(SHORT)}, store, lambda: START, Scripted(()))
            try:
                await desk.warm()
                line = FakeLine(["2", "2", 0.6])
                await desk.answer(line, "short", [line])
                assert await asyncio.to_thread(all_told.wait, 20)
            finally:
                await desk.close()

    monkeypatch.setattr("engine.call.desk.open_detector", FakeDetector)
    for name in ("fake", "espeak"):
        monkeypatch.setitem(voices.VOICES, name, lambda _: FakeVoice(frames=1))
    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            asyncio.run(call(f"http://127.0.0.1:{server.server_address[1]}/"))
        finally:
            server.shutdown()
            thread.join()
    news = {one["type"]: one for one in told}
    began, message, ended = (news[f"call.{name}"] for name in ("started", "message", "ended"))
    assert began["data"]["call"] == message["data"]["call"] == ended["data"]["call"]
    assert message["data"]["caller"] == "+441632960123"
    assert message["data"]["seconds"] > 0.5
    assert (tmp_path / "recordings" / message["data"]["recording"]).is_file()
    assert ended["data"]["outcome"] == "goodbye"
