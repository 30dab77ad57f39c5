"""Faults that were found once: slots in a circle, and prompts of the engine's that a flow replaces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.acts import Act, Fill, Want
from engine.check.report import check_reading
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Effect, Prompt, Say
from engine.events import CallStarted, Event, Heard
from engine.flow.loader import load_flow, read_path

NOW = datetime(2026, 10, 1, 11, tzinfo=ZoneInfo("Europe/London"))
FLOW = """
frontdesk: 1
flow: small
language: en-GB
timezone: Europe/London
prompts: {PROMPTS}
slots:
  day: {type: date, ask: Which day?DEPENDS}
  size: {type: number, depends_on: [day], ask: "Which size, {day} or not?"}
start: menu
steps:
  menu: {say: How can I help?, listen: {buy: {hear: [buy], key: 1, go: buying}}}
  buying: {form: [day, size], then: bye}
  bye: {hangup: yes, say: Goodbye.}
  to_human: {message: {ask: Please speak after the tone.}, then: hangup}
"""


def write(folder: Path, prompts: str = "engine.filler: A second", depends: str = "") -> Path:
    text = FLOW.replace("PROMPTS", prompts).replace("DEPENDS", depends)
    (folder / "flow.yaml").write_text(text, encoding="utf-8")
    return folder


def heard(folder: Path, *answers: tuple[Act, ...]) -> Iterator[tuple[State, list[Prompt]]]:
    compiled = compile_flow(load_flow(folder))
    state = new_state(compiled, "call")
    events: list[tuple[Act, ...] | None] = [None, *answers]
    for acts in events:
        event: Event = CallStarted() if acts is None else Heard(state.turn, "", acts)
        state, effects = step(compiled, state, event, NOW)
        yield state, said(effects)


def said(effects: tuple[Effect, ...]) -> list[Prompt]:
    return [prompt for effect in effects if isinstance(effect, Say) for prompt in effect.prompts]


def test_slots_that_depend_on_each_other_do_not_hang_a_call(tmp_path: Path) -> None:
    folder = write(tmp_path, depends=", depends_on: [size]")
    assert "depends-in-circle" in {finding.code for finding in check_reading(read_path(folder)).findings}
    acts = (Want("buy"), Fill("size", (3,)), Fill("day", (NOW.date(),)))
    (_, (state, _)) = heard(folder, acts)
    assert state.position.startswith("buying")


def test_a_prompt_that_a_flow_replaces_is_filled_once_and_keeps_its_id(tmp_path: Path) -> None:
    folder = write(tmp_path, 'engine.nomatch: "Pardon me? {question}"')
    *_, (_, prompts) = heard(folder, (Want("buy"),), ())
    assert [(prompt.id, prompt.text) for prompt in prompts] == [("day.nomatch.1", "Pardon me? Which day, please?")]


def test_a_prompt_of_the_engine_gets_shorter_wherever_it_is_said_again(tmp_path: Path) -> None:
    prompts = 'engine.nomatch: [{after: 1, text: "What? {question}"}, {text: "Sorry, what? {question}"}]'
    folder = write(tmp_path, prompts)
    assert check_reading(read_path(folder)).count("error") == 0
    told = [prompts for _, prompts in heard(folder, (Want("buy"),), (), (Fill("day", (NOW.date(),)),), ())]
    texts = [prompt.text.partition("?")[0] for prompts in told for prompt in prompts if ".nomatch." in prompt.id]
    assert texts == ["Sorry, what", "What"]
