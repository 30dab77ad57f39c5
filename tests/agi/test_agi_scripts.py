"""pyst2 scripts, unchanged, over an AGI session of ours: against recorded dialogues, as a tool, and in a call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asterisk.agi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agi.line import AsteriskLine
from agi.net.fastagi import Session
from agi.scripts import run_script
from agi.server import AsteriskServer
from agi.settings import AsteriskSettings
from agi.wire.fastagi import Parser, Request, written_command
from engine.call.scripted import outcome_of, wanted_of
from engine.errors import Position
from engine.flow.model import Tool
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipPhone

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "dialogues" / "scripts.yaml").read_text())
REQUEST = Request({"callerid": "+302101234567", "uniqueid": "1.1", "channel": "PJSIP/phone"})
NOW = datetime(2026, 11, 2, 10, tzinfo=ZoneInfo("Europe/London"))


class Peer:
    """Asterisk's side of a session: it takes each command and answers as the case says; None closes."""

    def __init__(self, talk: Sequence[Sequence[str | None]]) -> None:
        self._talk = list(talk)
        self._parser = Parser(_block=None)
        self.heard: list[str] = []
        self.session = Session(REQUEST, self, 5.0)  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        self.heard.append(data.decode().rstrip("\n"))
        expected, answer = self._talk.pop(0) if self._talk else ("nothing", None)
        assert self.heard[-1] == expected
        loop = asyncio.get_running_loop()
        loop.call_soon(self._answer, answer)

    def _answer(self, answer: str | None) -> None:
        if answer is None:
            self.session.lost()
        elif answer:
            self.session.feed(self._parser.feed(answer.encode() + b"\n"))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_script_talks_to_asterisk(case: dict[str, Any], tmp_path: Path) -> None:
    path = HERE / "scripts" / case["script"] if "script" in case else tmp_path / "script.py"
    if "source" in case:
        path.write_text(case["source"])

    async def run() -> tuple[str, list[str]]:
        peer = Peer(case["talk"])
        return await run_script(peer.session, path, case.get("arguments", ()), case.get("within", 10.0)), peer.heard

    ending, heard = asyncio.run(run())
    assert ending == case["ends"]
    assert heard == [command for command, _ in case["talk"]]


def test_scripts_run_side_by_side_and_each_has_its_own_call(tmp_path: Path) -> None:
    path = tmp_path / "side.py"
    path.write_text("from asterisk.agi import AGI\na = AGI()\na.set_variable('ME', a.env['agi_arg_1'])\na.answer()\n")

    async def run() -> list[str]:
        said = [[[f'SET VARIABLE "ME" "{number}"', "200 result=1"], ["ANSWER", "200 result=0"]] for number in range(8)]
        peers = [Peer(talk) for talk in said]
        each = [run_script(peer.session, path, (str(number),), 10.0) for number, peer in enumerate(peers)]
        return list(await asyncio.gather(*each))

    assert asyncio.run(run()) == ["done"] * 8


def test_an_agi_outside_a_script_is_refused() -> None:
    asyncio.run(run_script(Peer([]).session, HERE / "scripts" / "nowhere.py", (), 5.0))
    with pytest.raises(RuntimeError, match="frontdesk runs"):
        asterisk.agi.AGI()


@given(st.text())
def test_whatever_a_script_writes_is_one_command_or_none(text: str) -> None:
    try:
        sent = written_command(text)
    except ValueError:
        return
    assert sent.count(b"\n") == 1
    assert sent.endswith(b"\n")
    assert b"\r" not in sent
    assert b"\0" not in sent


TOOL = Tool(
    "card",
    "script.loyalty",
    {},
    {"found": {"points": "number", "card": "digits"}, "none": {}},
    Position(),
)
OUTCOMES: dict[str, tuple[dict[str, str] | None, str, dict[str, object]]] = {
    "what it found": (
        {"FD_RESULT": "found", "POINTS": "120", "CARD": "4711"},
        "found",
        {"points": 120, "card": "4711"},
    ),
    "what it did not find": ({"FD_RESULT": "none"}, "none", {}),
    "an old script that says no outcome": ({"POINTS": "7", "CARD": "1"}, "found", {"points": 7, "card": "1"}),
    "an outcome that is not declared": ({"FD_RESULT": "perhaps"}, "failed", {}),
    "a value that is none": ({"FD_RESULT": "found", "POINTS": "many", "CARD": "4711"}, "failed", {}),
    "a value that is missing": ({"FD_RESULT": "found", "POINTS": "120"}, "failed", {}),
    "a script that failed": (None, "failed", {}),
}


@pytest.mark.parametrize("what", OUTCOMES)
def test_channel_variables_are_results(what: str) -> None:
    found, name, values = OUTCOMES[what]
    outcome = outcome_of(TOOL, found, "en-GB", NOW)
    assert (outcome.name, dict(outcome.values)) == (name, values)
    change = outcome_of(replace(TOOL, commits=True), found, "en-GB", NOW)
    assert change.name == ("unknown" if name == "failed" else name)
    assert wanted_of(TOOL) == ("FD_RESULT", "POINTS", "CARD")


@pytest.mark.asterisk
def test_a_script_runs_in_the_middle_of_a_real_call_and_the_talk_goes_on(asterisk: Asterisk) -> None:
    found: list[object] = []
    back = asyncio.Event()

    async def on_call(line: AsteriskLine, _: str, __: Sequence[str]) -> None:
        await line.answer()
        found.append(await line.run_script("greet", ("Ann",), ("GREETED", "NEVER"), 10.0))
        found.append(await line.run_script("missing", (), (), 10.0))
        async for _frame in line.arrivals():
            back.set()

    async def main() -> None:
        settings = replace(asterisk.settings, scripts={"greet": HERE / "scripts" / "greet.py"})
        phone = await SipPhone("+302101234567", asterisk.sip).open()
        try:
            async with AsteriskServer(settings, on_call):
                call = await phone.dial("100")
                await call.follow([("wait", 1.0), ("digits", "5")])
                await asyncio.wait_for(back.wait(), 10)
                await call.follow([("hangup",)])
        finally:
            await phone.close()

    asyncio.run(main())
    assert found == [{"GREETED": "Ann pressed 5, +302101234567"}, None]


@pytest.mark.asterisk
def test_the_printed_dialplan_runs_a_script_with_a_key(asterisk: Asterisk, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "note.py").write_text(
        "from asterisk.agi import AGI\n"
        "agi = AGI()\n"
        "agi.verbose('here')\n"
        f"open({str(seen)!r}, 'a').write(agi.env['agi_arg_1'] + ' ')\n"
    )

    async def nobody(line: AsteriskLine, _: str, __: Sequence[str]) -> None:
        raise AssertionError("no line was called")

    async def main() -> None:
        phone = await SipPhone("+302101234567", asterisk.sip).open()
        try:
            async with AsteriskServer(replace(asterisk.settings, scripts={"note": tmp_path / "note.py"}), nobody):
                call = await phone.dial("206")
                await call.follow([("wait_end", 10)])
        finally:
            await phone.close()

    asyncio.run(main())
    assert seen.read_text() == "hello script_done "


@pytest.mark.parametrize(("name", "outcome"), [("note", "script_done"), ("missing", None)])
def test_a_dialplan_runs_a_script_by_its_address(name: str, outcome: str | None, tmp_path: Path) -> None:
    """Over a connection as Asterisk makes it; without an outcome the dialplan's safety net takes the call."""
    (tmp_path / "note.py").write_text("from asterisk.agi import AGI\nagi = AGI()\nagi.verbose(agi.env['agi_arg_1'])\n")

    async def nobody(line: AsteriskLine, _: str, __: Sequence[str]) -> None:
        raise AssertionError("no line was called")

    async def main() -> list[str]:
        settings = AsteriskSettings(agi_port=0, audio_port=0, scripts={"note": tmp_path / "note.py"})
        async with AsteriskServer(settings, nobody) as server, asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.agi_port)
            writer.write(f"agi_network_script: script/{name}\nagi_uniqueid: 1.1\nagi_arg_1: hello\n\n".encode())
            commands = []
            while line := await reader.readline():
                commands.append(line.decode().strip())
                writer.write(b"200 result=1\n")
            writer.close()
            return commands

    due = ['VERBOSE "hello" 1', f'SET VARIABLE "FD_OUTCOME" "{outcome}"'] if outcome else []
    assert asyncio.run(main()) == due
