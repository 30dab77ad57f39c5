"""The picture of a flow agrees with the machine, marks a conversation's path, and is valid DOT and Mermaid."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from engine.check.drawing import dot, mermaid
from engine.check.graph import Marks, base, passed, picture, trail
from engine.cli.main import main
from engine.dialogue.machine import Compiled, compile_flow
from engine.drawing import draw
from engine.errors import SettingsError
from engine.flow.loader import load_flow
from engine.shipped import find_flow

BISTRO = Path(__file__).parents[1] / "simulate" / "cases" / "bistro"
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


@pytest.fixture(scope="module")
def bistro() -> Compiled:
    return compile_flow(load_flow(find_flow(BISTRO)))


@pytest.mark.parametrize("name", ["trattoria", "clinic", str(BISTRO)])
def test_every_move_of_the_machine_is_drawn(name: str) -> None:
    compiled = compile_flow(load_flow(find_flow(name)))
    shown = picture(compiled)
    signs = {box.name: box.words.removeprefix("→ ") for box in shown.boxes if box.sign}
    drawn = {(arrow.source, signs.get(arrow.dest, arrow.dest)) for arrow in shown.arrows}
    everywhere = {"operator", "goodbye", "home", "gave_up", *(f"anywhere.{name}" for name in compiled.flow.anywhere)}
    moves = {
        (base(source), base(row.dest))
        for trigger, event in compiled.machine.events.items()
        if trigger not in everywhere
        for source, rows in event.transitions.items()
        for row in rows
    }
    boxes = {box.name for box in shown.boxes}
    assert {(one, other) for one, other in moves if one != other and {one, other} <= boxes} <= drawn
    assert set(compiled.flow.steps) <= boxes


def test_a_form_is_one_box_with_its_slots(bistro: Compiled) -> None:
    (form,) = [box for box in picture(bistro).boxes if box.kind == "form"]
    assert [name for name, _ in form.rows] == ["party_size", "day", "name", "find_table?"]
    assert form.rows[0][1] == "How many people?"


def test_targets_are_labelled(bistro: Compiled) -> None:
    labels = {(arrow.source, arrow.dest): arrow.label for arrow in picture(bistro).arrows}
    assert labels["menu", "booking"] == "book [1]"
    assert labels["booking", "sorry"] == "find_table: full"
    assert labels["booking", "echo"] == "all known"
    assert labels["commit", "done"] == "booked\nalready"


def test_what_holds_anywhere_is_told_once(bistro: Compiled) -> None:
    assert dict(picture(bistro).anywhere) == {
        "asks for a person": "to_human",
        "says goodbye": "engine.bye",
        "never mind": "the last menu",
        "not understood 3 ×, silent 3 ×": "to_human",
    }


def test_a_path_goes_through_the_steps_that_were_passed(bistro: Compiled) -> None:
    said = passed(bistro, ["hello", "menu", "done", "goodbye"])
    assert said == ["hello", "done", "goodbye"]
    shown = picture(bistro, ["hello", "menu", "booking/ask.name", "echo", "commit", "done", "goodbye", "hangup"])
    steps = ["hello", "menu", "booking", "echo", "commit", "done", "goodbye", "hangup"]
    assert {box.name for box in shown.boxes if box.mark == "path"} == set(steps)
    assert {(arrow.source, arrow.dest) for arrow in shown.arrows if arrow.mark == "path"} == set(pairwise(steps))
    moves = {(arrow.source, arrow.dest): arrow.turns for arrow in shown.arrows if arrow.turns}
    assert [moves[way] for way in pairwise(steps)] == [(number,) for number in range(1, len(steps))]
    assert "1: " in dot(shown) or '" 1 "' in dot(shown)


def test_positions_without_order_mark_boxes_only(bistro: Compiled) -> None:
    nodes, moves = trail(bistro, frozenset({"menu", "echo"}))
    assert (nodes, moves) == ({"menu", "echo"}, ())


def test_marks_are_explained(bistro: Compiled) -> None:
    plain, marked = picture(bistro), picture(bistro, marks=Marks({"menu": "part"}, {("menu", "booking"): "none"}))
    assert "never covered" not in dot(plain)
    for drawn in (dot(marked), mermaid(marked)):
        assert "never covered" in drawn
        assert "some of it was covered" in drawn
        assert "this conversation" not in drawn


def test_used_flows_lie_in_each_other() -> None:
    drawn = dot(picture(compile_flow(load_flow(find_flow("trattoria")))))
    signs = ('"cluster_change_booking" {', '"cluster_change_booking.find" {', '"change_booking.find.again" [')
    places = [drawn.index(sign) for sign in signs]
    assert places == sorted(places)


@pytest.mark.parametrize("ending", ["mmd", "dot"])
def test_the_door_marks_a_talk_and_coverage(ending: str, tmp_path: Path) -> None:
    talk = BISTRO / "talks" / "words.talk"
    for option, words in ((("--talk", talk), "this conversation"), (("--coverage", BISTRO), "never covered")):
        file = tmp_path / f"marked.{ending}"
        with pytest.raises(SystemExit) as left:
            main(["graph", str(BISTRO), *map(str, option), "-o", str(file)])
        assert left.value.code == 0
        assert words in file.read_text("utf-8")


def test_a_talk_of_another_flow_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["graph", "clinic", "--talk", str(BISTRO / "talks" / "words.talk")])
    assert left.value.code == 2
    assert "is about another flow" in capsys.readouterr().err


def test_texts_are_quoted_for_both_languages(bistro: Compiled) -> None:
    assert "This is the bistro&#x27;s assistant." in dot(picture(bistro))
    drawn = mermaid(picture(bistro))
    assert drawn.startswith("flowchart LR\n")
    assert all(line.count('"') % 2 == 0 for line in drawn.splitlines())


@needs_dot
@pytest.mark.parametrize(("ending", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_pictures_are_drawn(ending: str, begins: bytes, bistro: Compiled, tmp_path: Path) -> None:
    file = draw(bistro, tmp_path / f"bistro{ending}", visited=frozenset({"menu"}))
    assert file.read_bytes().startswith(begins)


def test_graphviz_missing_is_said(bistro: Compiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="apt install graphviz"):
        draw(bistro, tmp_path / "bistro.svg")
    assert draw(bistro, tmp_path / "bistro.dot").read_text("utf-8").startswith("digraph")


def test_another_ending_is_refused(bistro: Compiled, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.svg, \.png, \.mmd or \.dot"):
        draw(bistro, tmp_path / "bistro.pdf")


def test_the_door_prints_mermaid(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["graph", str(BISTRO)])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")
