"""Talks that write themselves cover a flow and pass; faults that talks notice are counted, with those they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.coverage.items import inventory
from engine.flow.loader import load_flow, read_path
from engine.mutate.operators import mutants
from engine.shipped import find_flow, shipped_flows
from engine.simulate.equivalents import changed_steps, equivalent
from engine.simulate.files import find_talks
from engine.simulate.generating import Made, generate, save
from engine.simulate.runner import run_file
from engine.simulate.scoring import Judged, Score, is_about, place_of, score
from engine.simulate.stage import load_stage

BISTRO = Path(__file__).parent / "cases" / "bistro"
STAGE = load_stage(BISTRO / "flow.yaml")
FLOW = load_flow(BISTRO)
SAMPLE = 5
STEPS = 4000
ONE_BOOKING = {"next → booking/offer.name", "answered → booking"}
"""A name from an earlier booking is offered in the second one, and the bistro makes only one a call."""
SMALL = """\
frontdesk: 1
flow: small
language: en-GB
timezone: Europe/London
persona: plain
operator: to_human
start: hello
steps:
  hello: {notice: This is a computer., then: menu}
  menu: {say: How can I help?, listen: {person: {hear: [talk to a person], key: 1, go: to_human}}}
  to_human: {message: {ask: Please leave a message., longest: 30 s}, then: bye}
  bye: {say: Goodbye., then: hangup}
"""

ASKED = """\
slots:
  party_size: {type: party_size, min: 1, max: 8, ask: How many of you are there?}
answers:
  wait: {hear: [how long is the wait], say: Half an hour.}
"""
FORM = "  size: {form: [party_size], then: bye}"


def frontdesk(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def made() -> list[Made]:
    return list(generate(STAGE, most=STEPS))


def test_talks_cover_everything(made: list[Made]) -> None:
    assert all(one.passed for one in made)
    left = set(inventory(STAGE.compiled)) - {item for one in made for item in one.lived}
    assert {item.what for item in left} <= ONE_BOOKING
    assert len(left) <= len(ONE_BOOKING)
    assert len(made) < 60


def test_each_talk_adds_something_and_has_a_name_and_a_title(made: list[Made]) -> None:
    seen: set[object] = set()
    for one in made:
        assert one.lived - seen
        seen |= one.lived
        assert one.text.startswith("# ")
    assert len({one.name for one in made}) == len(made)


def test_callers_mostly_speak(made: list[Made]) -> None:
    lines = [line for one in made for line in one.text.splitlines()]
    spoken = sum(line.startswith("caller: ") for line in lines)
    assert spoken > 4 * sum(line.startswith("acts: ") for line in lines)


def test_the_same_flow_gets_the_same_talks(made: list[Made]) -> None:
    assert [next(generate(STAGE, most=STEPS)).text] == [made[0].text]


def test_a_saved_talk_runs_from_where_it_is(made: list[Made], tmp_path: Path) -> None:
    file = save(made[0], tmp_path / "talks", BISTRO / "flow.yaml")
    assert "given flow " in file.read_text("utf-8")
    assert run_file(file).passed


def test_only_what_is_left_out_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "flow.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "personas").mkdir()
    persona = (BISTRO / "personas" / "plain.yaml").read_text("utf-8")
    (tmp_path / "personas" / "plain.yaml").write_text(persona, "utf-8")
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks" / "own.talk").write_text("agent: hello\ncaller: goodbye\n", "utf-8")
    assert frontdesk("simulate", tmp_path, "--coverage", "--generate", tmp_path / "more") == 0
    written = list((tmp_path / "more").glob("*.talk"))
    assert written
    assert not any("goodbye" in file.name for file in written)
    assert "100.0 % is covered" in capsys.readouterr().err
    assert frontdesk("simulate", tmp_path, "--min", "100") == 0


def test_questions_are_asked_where_a_flow_only_has_forms(tmp_path: Path) -> None:
    text = SMALL.replace("start:", ASKED + "start:").replace("then: menu}", "then: size}")
    text = text.replace(next(line for line in SMALL.splitlines() if "menu: {" in line), FORM)
    (tmp_path / "flow.yaml").write_text(text, "utf-8")
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "plain.yaml").write_bytes((BISTRO / "personas" / "plain.yaml").read_bytes())
    lived = {item for one in generate(load_stage(tmp_path / "flow.yaml"), most=800) for item in one.lived}
    assert any((item.kind, item.place) == ("answer", "wait") for item in lived)


def test_random_callers_at_the_door(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", BISTRO, "--random", "20", "--seed", "3", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)["random"]
    assert (told["flow"], told["seed"], told["calls"], told["broken"]) == ("bistro", 3, 20, [])


# the mutation score


@pytest.fixture(scope="module")
def judged() -> Score:
    return Score("bistro", tuple(score(BISTRO / "flow.yaml", find_talks([str(BISTRO)]), 1, SAMPLE)), 1)


def test_a_fault_is_noticed_by_a_talk_that_comes_by(judged: Score) -> None:
    noticed = [one for one in judged.judged if one.noticed]
    assert len(noticed) > 5
    for one in noticed:
        talk = run_file(one.noticed or "", watched=True)
        passed = {item.place for item in talk.lived if item.kind == "step"}
        assert not one.steps or passed & set(one.steps)


def test_the_score_is_told_with_lines(judged: Score) -> None:
    lines = "\n".join(judged.lines(read_path(BISTRO)))
    assert f"{judged.percent:.1f} % of" in lines
    for one in judged.survivors:
        assert f"{one.operator}: {one.site}" in lines
    data = judged.to_json(read_path(BISTRO))
    assert len(data["faults"]) == len(judged.judged)
    assert all("flow.yaml:" in fault["at"] for fault in data["faults"])


@pytest.mark.parametrize(
    ("site", "section", "name"),
    [("slot name", "slots", "name"), ("party_size: max", "slots", "party_size"), ("menu: whole", "steps", "menu")],
)
def test_a_fault_is_placed_where_it_was_put_in(site: str, section: str, name: str) -> None:
    reading = read_path(BISTRO)
    where = place_of(reading, Judged("any", site, ("hello",), None))
    assert (where.file, where.first) == (reading.place(section, name).file, reading.place(section, name).line)


@pytest.mark.parametrize(
    ("operator", "site", "equal"),
    [
        ("lose an outcome", "to_human: busy", True),
        ("lose an outcome", "commit: booked", False),
        ("widen a limit", "party_size: min", True),
        ("widen a limit", "party_size: max", False),
        ("widen a limit", "day: earliest", True),
        ("circle", "sorry", False),
    ],
)
def test_what_changes_nothing_is_not_counted(operator: str, site: str, equal: bool) -> None:
    (mutant,) = [one for one in mutants(FLOW) if (one.operator, one.site) == (operator, site)]
    assert bool(equivalent(FLOW, mutant.flow, frozenset())) == equal


def test_a_fault_in_a_slot_shows_where_it_is_asked() -> None:
    (mutant,) = [one for one in mutants(FLOW) if (one.operator, one.site) == ("widen a limit", "party_size: max")]
    assert changed_steps(FLOW, mutant.flow) == {"booking", "echo"}
    (anywhere,) = [one for one in mutants(FLOW) if (one.operator, one.site) == ("cut a person off", "operator")]
    assert changed_steps(FLOW, anywhere.flow) is None


@pytest.mark.parametrize("name", shipped_flows())
def test_talks_of_the_shipped_flows_notice_faults(name: str) -> None:
    """A sample of what `make score` does whole."""
    flow = find_flow(name).resolve()
    talks = [talk for talk in find_talks([name]) if is_about(talk, flow)]
    found = Score(name, tuple(score(flow, talks, 1, every=43)), len(talks))
    assert len(found.judged) >= (5 if name == "reminder" else 10)
    assert found.percent >= 75, found.survivors
