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
from engine.speech import voices
from engine.speech.vendors.scripted import Scripted
from tests.calls.virtual import START, FakeLine, FakeTools, FakeVoice, flow, hold

WORDS = ["no", "a table for four on saturday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]


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


def test_an_address_is_told_of_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake of the other side takes the news; the call does not wait for it."""
    told: list[dict[str, Any]] = []
    both = threading.Event()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()
            if len(told) == 2:
                both.set()

        def log_message(self, *_: object) -> None:
            pass

    async def call(url: str) -> None:
        with open_store(tmp_path / "calls.db") as store:
            outside = Outside({"desk": Webhook("desk", url)}, events="desk")
            settings = DeskSettings(tmp_path / "recordings", voice="fake", outside=outside)
            desk = Desk(settings, {"trattoria": flow().flow}, store, lambda: START, Scripted(()))
            try:
                await desk.warm()
                await desk.answer(FakeLine([None], impatient=True, _gone=True), "trattoria")
                assert await asyncio.to_thread(both.wait, 20)
            finally:
                await desk.close()

    for name in ("fake", "espeak"):
        monkeypatch.setitem(voices.VOICES, name, lambda _: FakeVoice())
    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            asyncio.run(call(f"http://127.0.0.1:{server.server_address[1]}/"))
        finally:
            server.shutdown()
            thread.join()
    assert [news["type"] for news in told] == ["call.started", "call.ended"]
    assert told[0]["data"]["call"] == told[1]["data"]["call"]
    assert told[1]["data"]["outcome"]
