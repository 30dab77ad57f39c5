"""What `check --against` says of two versions of a flow: everything that callers notice, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.check.changes import changes
from engine.cli.check import command
from engine.errors import AuthorError
from engine.flow.loader import load_flow
from engine.shipped import find_flow, shipped_flows

EXAMPLE = Path(__file__).parents[1] / "flow" / "cases" / "language_example"
CASES: list[tuple[str, str, list[str]]] = [
    ("ask: What time?", "ask: At what time?", ["changed  prompt time.ask: What time? -> At what time?"]),
    ("ask: What time?", "ask: [{after: 1, text: When?}, {text: What time?}]",
     ["changed  prompt time.ask: What time? -> (after 1) When? | What time?"]),
    ("    gave_up: to_human", "    gave_up: voicemail", ["changed  step echo, gave_up: to_human -> voicemail"]),
    ("taken: refuse", "taken: to_human", ["changed  step commit, on taken: refuse -> to_human"]),
    ("max: {value: 12, then: to_human}", "max: 12", ["changed  slot party_size, largest: 12, then to_human -> 12"]),
    ("    confirm: when_unsure\n", "    confirm: explicit\n", ["changed  slot name, confirm: when_unsure -> explicit"]),
    ("    mon: closed", "    mon: [12:00-14:30]", ["changed  calendar tables, mon: closed -> 12:00-14:30"]),
    ("      2026-12-25: closed\n", "", ["removed  calendar tables, 2026-12-25: closed"]),
    ("key: 1, go", "key: 3, go", ["changed  step menu, book: key: 1 -> 3"]),
    ("deadline: 2 s", "deadline: 1 s", ["changed  tool find_table, deadline: 2 s -> 1 s"]),
    ("seats: 2, count: 4", "seats: 2, count: 5", ["changed  resource tables, units 1.count: 4 -> 5"]),
    ("language: en-GB", "language: en-US", ["changed  flow language: en-GB -> en-US"]),
    ("say: Thank you for calling. Goodbye.\n    then: hangup", "hangup: yes\n    say: Thank you for calling. Goodbye.",
     ["changed  step goodbye: say -> hangup", "removed  step goodbye, then: hangup"]),
    ("  goodbye:\n", "  spare: {say: Hello., then: menu}\n  goodbye:\n",
     ["added    step spare: say", "added    prompt spare: Hello."]),
    ('  note: {type: text, optional: yes, ask: "Anything we should know?"}\n', "",
     ["removed  prompt note.ask: Anything we should know?", "removed  slot note: text"]),
    ("start: hello", "# a comment, and lines moved\n\nstart: hello", []),
]  # fmt: skip


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "new"))


@pytest.mark.parametrize(("old", "new", "found"), CASES)
def test_what_callers_notice_is_said(edited: Path, old: str, new: str, found: list[str]) -> None:
    file = edited / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    before, after = load_flow(EXAMPLE), load_flow(edited)
    assert [str(change) for change in changes(before, after)] == found
    back = {(change.what, change.name, change.about, change.new, change.old) for change in changes(after, before)}
    forth = {(change.what, change.name, change.about, change.old, change.new) for change in changes(before, after)}
    assert back == forth
    assert before.hash != after.hash


@pytest.mark.parametrize("name", shipped_flows())
def test_a_flow_is_no_different_from_itself(name: str) -> None:
    flow = load_flow(find_flow(name))
    assert changes(flow, flow) == ()
    assert changes(load_flow(EXAMPLE), flow)


def test_check_says_what_changed(edited: Path) -> None:
    (edited / "flow.yaml").write_text(
        (EXAMPLE / "flow.yaml").read_text(encoding="utf-8").replace("ask: What time?", "ask: When?"), encoding="utf-8"
    )
    arguments = ["--against", str(EXAMPLE), str(edited)]
    said = CliRunner().invoke(command, arguments)
    assert said.exit_code == 0
    assert "  changed  prompt time.ask: What time? -> When?\n" in said.output
    given = json.loads(CliRunner().invoke(command, ["--format", "json", *arguments]).stdout)
    assert given["flows"][0]["changes"] == [
        {"kind": "changed", "what": "prompt", "name": "time.ask", "about": "", "old": "What time?", "new": "When?"}
    ]
    same = CliRunner().invoke(command, ["--against", str(EXAMPLE), str(EXAMPLE)])
    assert "callers notice no difference" in same.output


def test_what_is_compared_with_must_be_a_flow(edited: Path) -> None:
    (edited / "flow.yaml").write_text("frontdesk: 1\n", encoding="utf-8")
    refused = CliRunner().invoke(command, ["--against", str(edited), str(EXAMPLE)])
    assert isinstance(refused.exception, AuthorError)
    several = CliRunner().invoke(command, ["--against", str(EXAMPLE), str(EXAMPLE), str(EXAMPLE)])
    assert several.exit_code == 2
