"""Prompts that get shorter the more often they were said in a call."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.acts import Global
from engine.check.report import check_reading
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import new_state
from engine.dialogue.step import step
from engine.effects import Effect, Say
from engine.events import CallStarted, Event, Heard, Silence
from engine.flow.loader import load_flow, read_path

NOW = datetime(2026, 10, 1, 11, tzinfo=ZoneInfo("Europe/London"))
FLOW = """
frontdesk: 1
flow: tapers
language: en-GB
timezone: Europe/London
start: hello
steps:
  hello: {say: Hello., then: menu}
  menu:
    say:
      - {after: 2, text: What else?}
      - {after: 1, text: What else can I do?}
      - {text: "How can I help? You can leave a message."}
    listen: {message: {hear: [leave a message], key: 1, go: to_human}}
  to_human: {message: {ask: Please speak after the tone.}, then: hangup}
"""


def said(effects: tuple[Effect, ...]) -> str:
    return " ".join(prompt.text for effect in effects if isinstance(effect, Say) for prompt in effect.prompts)


def test_a_prompt_gets_shorter_with_every_visit(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(FLOW, encoding="utf-8")
    assert check_reading(read_path(tmp_path)).findings == ()
    compiled = compile_flow(load_flow(tmp_path))
    state, heard = new_state(compiled, "call"), []
    never_mind = (Global("never_mind"),)

    def turn(event: Event) -> None:
        nonlocal state
        state, effects = step(compiled, state, event, NOW)
        heard.append(said(effects))

    turn(CallStarted(caller=None, called=None))
    for _ in range(3):
        turn(Heard(state.turn, "never mind", never_mind))
    assert heard[0] == "Hello. How can I help? You can leave a message."
    due = ("What else can I do?", "What else?", "What else?")
    assert all(words.endswith(end) for words, end in zip(heard[1:], due, strict=True)), heard
    assert state.said == {"menu": 4}
    turn(Silence(state.turn))
    assert state.said == {"menu": 4}


def test_a_prompt_that_does_not_taper_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(
        FLOW.replace("after: 2, ", "if: caller is known, ").replace("after: 1, ", "if: caller is known, "),
        encoding="utf-8",
    )
    compiled = compile_flow(load_flow(tmp_path))
    state, _ = step(compiled, new_state(compiled, "call"), CallStarted(caller=None, called=None), NOW)
    assert state.said == {}
