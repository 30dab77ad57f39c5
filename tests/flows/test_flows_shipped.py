"""The flows that come with frontdesk: every talk passes, and together they live through all that can happen."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.actions.registry import Toolbox
from engine.actions.store import open_store
from engine.flow.loader import load_flow
from engine.flow.model import (
    AskStep,
    ChooseSlotStep,
    ConfirmStep,
    ConsentStep,
    Flow,
    ListenStep,
    MessageStep,
    NoticeStep,
    SayStep,
)
from engine.persona.persona import load_persona
from engine.simulate.result import Called, Result, Spoke
from engine.simulate.runner import run_file

FLOWS = Path(__file__).parents[2] / "flows"
NAMES = sorted(path.parent.name for path in FLOWS.glob("*/flow.yaml"))
TALKS = sorted(FLOWS.glob("*/talks/*.talk"))
FEWEST_TALKS = 12


@cache
def flow_of(name: str) -> Flow:
    return load_flow(FLOWS / name / "flow.yaml")


@cache
def result_of(talk: Path) -> Result:
    return run_file(talk)


def lived_through(name: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Prompts that were said and outcomes that came, over all talks of a flow."""
    entries = [entry for talk in TALKS if talk.parents[1].name == name for entry in result_of(talk).entries]
    said = {entry.id for entry in entries if isinstance(entry, Spoke)}
    return said, {(entry.tool, entry.outcome) for entry in entries if isinstance(entry, Called)}


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: f"{talk.parents[1].name}-{talk.stem}")
def test_talk_passes(talk: Path) -> None:
    result = result_of(talk)
    assert result.passed, result.difference or result.faults


@pytest.mark.parametrize("name", NAMES)
def test_flow_has_enough_talks(name: str) -> None:
    assert len([talk for talk in TALKS if talk.parents[1].name == name]) >= FEWEST_TALKS


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_of_a_flow_is_said(name: str) -> None:
    flow, (said, _) = flow_of(name), lived_through(name)
    speaking = (
        SayStep, NoticeStep, ListenStep, AskStep, ConsentStep, ChooseSlotStep, ConfirmStep, MessageStep,
    )  # fmt: skip
    written = {step.name for step in flow.steps.values() if isinstance(step, speaking)}
    written |= {prompt.id for slot in flow.slots.values() for prompt in (slot.ask, *slot.reject.values())}
    written |= {answer.say.id for answer in flow.answers.values()}
    assert not written - said


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_of_every_tool_comes_up(name: str) -> None:
    flow, (_, came) = flow_of(name), lived_through(name)
    assert not {(tool.name, outcome) for tool in flow.tools.values() for outcome in tool.all_outcomes} - came


@pytest.mark.parametrize("name", NAMES)
def test_flow_can_be_booked_and_spoken(name: str, tmp_path: Path) -> None:
    flow = flow_of(name)
    store = open_store(tmp_path / "bookings.db")
    try:
        Toolbox(flow, store)
    finally:
        store.close()
    assert load_persona(FLOWS / name / "personas" / f"{flow.persona}.yaml").name == flow.persona


@pytest.mark.parametrize("name", NAMES)
def test_flow_says_what_it_is_before_anything_else(name: str) -> None:
    first = flow_of(name).steps[flow_of(name).start]
    assert isinstance(first, NoticeStep)
    assert all("assistant" in variant.text and "computer" in variant.text for variant in first.notice.variants)


def test_secrets_of_patients_are_masked() -> None:
    slots = flow_of("clinic").slots
    assert all(slots[name].sensitive for name in ("name", "date_of_birth", "phone"))


def test_emergency_number_is_said_before_any_message() -> None:
    flow = flow_of("clinic")
    urgent = flow.steps[flow.anywhere["urgent"].go]
    after = {target for outcome, target in urgent.on.items() if outcome != "connected"}  # type: ignore[union-attr]
    for target in after:
        line = flow.steps[target]
        assert isinstance(line, NoticeStep)
        assert "nine nine nine" in line.notice.variants[0].text
