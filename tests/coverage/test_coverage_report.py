"""Coverage told: lines, hints, table, JSON, the page, the picture's marks, and what is out of reach."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.check.graph import picture
from engine.cli.main import main
from engine.coverage.hints import headline, hint
from engine.coverage.items import Item, inventory
from engine.coverage.lines import lines_of
from engine.coverage.marks import marks
from engine.coverage.page import page
from engine.coverage.reach import unreachable
from engine.coverage.report import as_json, cover, table
from engine.dialogue.machine import compile_flow
from engine.flow.loader import load_flow, read_path
from engine.shipped import find_flow, shipped_flows

BISTRO = Path(__file__).parents[1] / "simulate" / "cases" / "bistro"
COMPILED = compile_flow(load_flow(BISTRO))
READING = read_path(BISTRO)
DEAD = """\
frontdesk: 1
flow: dead
language: en-GB
timezone: Europe/London
persona: plain
operator: to_human
start: hello
steps:
  hello: {notice: This is a computer., then: menu}
  menu: {say: How can I help?, listen: {person: {hear: [a person], key: 1, go: to_human}}}
  nowhere: {ask: Are you sure?, yes: menu, no: bye}
  bye: {say: Goodbye., then: hangup}
  to_human:
    transfer: {to: reception}
    on: {connected: end, busy: bye, no_answer: bye, declined: bye, closed: bye, failed: bye}
"""


def frontdesk(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.mark.parametrize("name", [*shipped_flows(), str(BISTRO)])
def test_everything_has_a_place_a_hint_and_a_headline(name: str) -> None:
    path = find_flow(name)
    compiled, reading = compile_flow(load_flow(path)), read_path(path)
    for item in inventory(compiled):
        lines = lines_of(reading, item)
        assert Path(lines.file).is_file()
        assert 1 <= lines.first <= lines.last <= len(reading.report.sources[lines.file])
        assert hint(compiled, item)
        assert headline(compiled, item)


@pytest.mark.parametrize(
    ("item", "starts"),
    [
        (Item("outcome", "commit", "taken"), "on: {booked: done, taken: sorry_gone"),
        (Item("transfer", "to_human", "busy"), "on: {connected: end, busy: voicemail"),
        (Item("rejection", "party_size", "too_big"), "party_size: {type: party_size"),
        (Item("transition", "menu", "person → to_human"), "person: {hear: [talk to someone]"),
        (Item("answer", "parking"), "parking: {hear: [where can I park]"),
        (Item("step", "echo"), "echo: {confirm"),
    ],
)
def test_the_line_is_the_one_that_it_is_about(item: Item, starts: str) -> None:
    lines = lines_of(READING, item)
    assert READING.report.sources[lines.file][lines.first - 1].strip().startswith(starts)


def test_what_cannot_happen_is_told_apart_and_not_counted(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(DEAD, "utf-8")
    reading = read_path(tmp_path / "flow.yaml")
    assert reading.flow is not None
    compiled = compile_flow(reading.flow)
    beyond = unreachable(compiled)
    assert Item("step", "nowhere") in beyond
    assert Item("global", "nowhere", "help") in beyond
    assert Item("transition", "nowhere", "yes → menu") in beyond
    assert not {item for item in beyond if item.place in ("menu", "bye", "to_human")}
    found = cover(compiled, reading, set(inventory(compiled)) - beyond, 1)
    assert found.percent == 100
    assert {one.item for one in found.unreachable} == beyond
    assert "cannot happen, by proof" in "\n".join(table(found))


@pytest.mark.parametrize("name", shipped_flows())
def test_nothing_of_the_shipped_flows_is_out_of_reach(name: str) -> None:
    assert not unreachable(compile_flow(load_flow(find_flow(name))))


def test_table_and_json_say_the_same() -> None:
    lived = [item for item in inventory(COMPILED) if item.kind in ("step", "answer")]
    found = cover(COMPILED, READING, lived, 2)
    data = as_json(found)
    assert data["percent"] == round(found.percent, 2)
    assert data["kinds"]["step"] == {"covered": 11, "total": 11}
    assert len(data["missing"]) + len(data["lived"]) == len(inventory(COMPILED))
    lines = "\n".join(table(found))
    assert "steps                    11 of 11" in lines
    assert re.search(r"and \d+ more", lines.splitlines()[-1])
    assert json.dumps(data)


def test_the_page_stands_alone_in_light_and_dark() -> None:
    found = cover(COMPILED, READING, [Item("step", "menu")], 1)
    text = page([found], READING.report.sources, {found.path: "<svg></svg>"})
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"(src|href)=|https?://|@import", text)
    assert "<svg></svg>" in text
    assert text.count('class="missing"') > 5
    assert "<script" not in text


def test_marks_say_how_much_of_a_step_is_covered() -> None:
    lived = {Item("step", "menu"), Item("step", "goodbye"), Item("transition", "menu", "book → booking")}
    marked = marks(COMPILED, lived, set(inventory(COMPILED)) - lived)
    assert (marked.steps["menu"], marked.steps["goodbye"], marked.steps["echo"]) == ("part", "full", "none")
    assert (marked.ways["menu", "booking"], marked.ways["menu", "to_human"]) == ("full", "none")
    assert picture(COMPILED, marks=marked).marks == {"full", "part", "none"}


# the door


def test_too_little_coverage_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", BISTRO, "--min", "100") == 1
    assert "100 % is asked for" in capsys.readouterr().err
    assert frontdesk("simulate", BISTRO, "--min", "10") == 0


def test_a_path_may_follow_coverage(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", "--coverage", BISTRO) == 0
    assert "bistro: " in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["json", "html", "mmd", "dot"])
def test_coverage_is_written(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"coverage.{ending}"
    assert frontdesk("simulate", BISTRO, "--coverage", file) == 0
    text = file.read_text("utf-8")
    assert "bistro" in text or "booking" in text
    if ending == "json":
        (flow,) = json.loads(text)["flows"]
        assert flow["flow"] == "bistro"
        assert frontdesk("graph", BISTRO, "--coverage", file, "-o", tmp_path / "again.dot") == 0


def test_a_picture_shows_one_flow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = tmp_path / "a.talk"
    talk.write_text("given flow clinic\nagent: hello\n", "utf-8")
    assert frontdesk("simulate", BISTRO, talk, "--coverage", tmp_path / "both.svg") == 2
    assert "can show one flow" in capsys.readouterr().err


def test_coverage_stands_beside_results_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", BISTRO, "--coverage", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["coverage"][0]["flow"] == "bistro"
