"""Calls in which a model is asked: it helps when it is right, and whatever else it does, the call goes on."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.acts import Affirm, Deny, Fill, Want
from engine.call.line import Digit, Frame
from engine.events import Heard
from engine.understanding.model import ModelFault, ModelPrompt, Schema
from tests.calls.virtual import LOUD, QUIET, FakeLine, FakeTools, Held, flow, hold

ODD = "my lot fancy eating at yours"
WANTS = {"acts": [{"act": "want", "intent": "book", "words": "fancy eating"}]}
REST = ["a table for four on saturday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]


@dataclass
class FakeModel:
    """Says `says` about words (or `otherwise`), after a while; keeps what it was asked and what was given up."""

    says: Mapping[str, object] = field(default_factory=dict)
    otherwise: object = field(default_factory=lambda: {"acts": []})
    takes: float = 0.3
    fault: bool = False
    asked: list[str] = field(default_factory=list)
    prompts: list[ModelPrompt] = field(default_factory=list)
    given_up: int = 0

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        said = json.loads(re.findall(r"^Said: (.*)$", prompt.user, re.MULTILINE)[-1])
        self.asked.append(said)
        self.prompts.append(prompt)
        try:
            await asyncio.sleep(self.takes)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.fault:
            raise ModelFault("timeout", "too slow")
        answer = self.says.get(said, self.otherwise)
        return answer if isinstance(answer, str) else json.dumps(answer)


def heard(held: Held) -> list[Heard]:
    return [event for event in held.events if isinstance(event, Heard)]


def test_what_only_the_model_understood_leads_on_to_a_booking(tmp_path: Path) -> None:
    model, tools = FakeModel({ODD: WANTS}), FakeTools()
    held = hold(FakeLine([0.6] * 7), ["no", ODD, *REST], tools, tmp_path, model=model)
    assert [one.tier for one in heard(held)][1] == "model"
    assert [act.intent for act in heard(held)[1].acts if isinstance(act, Want)] == ["book"]
    assert tools.calls == ["find_table", "book_table"]
    assert held.session.state.why == "goodbye"
    assert held.timings["model"] == [pytest.approx(300)]


def test_a_model_is_asked_for_nothing_that_is_clear_and_for_no_yes_or_no(tmp_path: Path) -> None:
    model = FakeModel()
    hold(FakeLine([0.6] * 6), ["no", *REST], FakeTools(), tmp_path, model=model)
    assert model.asked == []
    hold(FakeLine([0.6] * 9), ["purple rain", "purple rain", *REST], FakeTools(), tmp_path, model=model)
    assert model.asked == ["purple rain"]
    assert model.prompts[0].user.startswith("We asked what the caller would like.")


def test_the_words_at_a_confirmation_stay_here(tmp_path: Path) -> None:
    model = FakeModel(otherwise={"acts": [{"act": "affirm", "words": "whatever"}]})
    words = ["no", *REST[:2], "yes", "whatever you reckon mate", "whatever you reckon mate", "yes", "no thanks"]
    tools = FakeTools()
    held = hold(FakeLine([0.6] * 8), words, tools, tmp_path, model=model)
    assert model.asked == []
    assert tools.calls == ["find_table", "book_table"]
    assert not any(one.acts for one in heard(held) if one.words.startswith("whatever"))


@pytest.mark.parametrize("model", [FakeModel(fault=True, takes=1.2), FakeModel(otherwise="Sure!")])
def test_a_model_that_gives_nothing_costs_a_repeat(model: FakeModel, tmp_path: Path) -> None:
    tools = FakeTools()
    held = hold(FakeLine([0.6] * 7), ["no", ODD, *REST], tools, tmp_path, model=model)
    assert heard(held)[1].acts == ()
    assert heard(held)[1].tier == "none"
    assert tools.calls == ["find_table", "book_table"]


def answer_with(line: FakeLine, number: int, frames: Sequence[Any]) -> None:
    """At the n-th question the caller does this instead."""
    plain, seen = line._answer, [0]

    def answer() -> None:
        seen[0] += 1
        plain()
        if seen[0] == number:
            line._pending[:] = frames

    line._answer = answer  # type: ignore[method-assign]


def test_a_caller_who_goes_on_is_heard_whole(tmp_path: Path) -> None:

    first, second = "my lot fancy", "eating at yours"
    model = FakeModel({f"{first} {second}": WANTS}, takes=1.2)
    line = FakeLine([0.6] * 7)
    spoken, pause = [Frame(LOUD)] * 30, [Frame(QUIET)] * 70
    answer_with(line, 2, [Frame(QUIET)] * 15 + spoken + pause + spoken)
    tools = FakeTools()
    held = hold(line, ["no", first, second, *REST], tools, tmp_path, model=model)
    assert model.asked == [first, f"{first} {second}"]
    assert model.given_up == 1
    assert [one.words for one in heard(held)][:2] == ["no", f"{first} {second}"]
    assert tools.calls == ["find_table", "book_table"]


def test_keys_take_the_turn_over(tmp_path: Path) -> None:

    model, line = FakeModel({ODD: WANTS}, takes=5.0), FakeLine([0.6] * 7)
    answer_with(line, 2, [Frame(QUIET)] * 15 + [Frame(LOUD)] * 30 + [Frame(QUIET)] * 90 + [Digit("1")])
    held = hold(line, ["no", ODD, *REST], FakeTools(), tmp_path, model=model)
    assert model.given_up == 1
    assert ODD not in [one.words for one in heard(held)]
    assert held.session.state.why == "goodbye"


def test_a_caller_who_hangs_up_while_the_model_thinks(tmp_path: Path) -> None:
    class Leaving(FakeModel):
        async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
            line._gone = True
            return await super().ask(prompt, schema)

    model, line = Leaving(takes=60.0), FakeLine([0.6] * 7)
    held = hold(line, ["no", ODD], FakeTools(), tmp_path, model=model)
    assert held.session.state.ended
    assert model.given_up == 1
    assert held.seconds < 60


SAID = st.sampled_from(
    [*REST, ODD, "purple rain", "no", "seven", "under the name of rossi", "goodbye", "we said no", ""]
)
NAMES = ["party_size", "day", "time", "name", "phone", "book", "cancel", "change", "parking", "operator", "goodbye",
         "repeat", "back", "lost_item", "affirm"]  # fmt: skip


@st.composite
def hostile(draw: st.DrawFn) -> Callable[[str], str]:
    """A model that takes the caller's words for anything, or says what nobody said."""
    act = st.fixed_dictionaries(
        {
            "act": st.sampled_from(["fill", "want", "ask", "call", "affirm"]),
            "words": st.sampled_from(["", "yes", "nine"]),
        },
        optional=dict.fromkeys(("slot", "intent", "answer", "name"), st.sampled_from(NAMES)),
    )
    acts = draw(st.lists(act, min_size=1, max_size=3))
    copies, broken = draw(st.booleans()), draw(st.integers(0, 5)) == 0

    def answer(said: str) -> str:
        text = json.dumps({"acts": [{**one, "words": said} if copies else one for one in acts]})
        return text[: len(text) // 2] if broken else text

    return answer


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(SAID, min_size=3, max_size=12), answers=st.lists(hostile(), min_size=1, max_size=4))
def test_whatever_the_model_says_the_call_goes_on(
    words: list[str], answers: list[Callable[[str], str]], tmp_path: Path
) -> None:
    class Hostile(FakeModel):
        async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
            await super().ask(prompt, schema)
            return answers[len(self.asked) % len(answers)](self.asked[-1])

    tools = FakeTools()
    held = hold(FakeLine([0.6] * 40), words, tools, tmp_path, model=Hostile(takes=0.2))
    assert held.session.state.ended
    assert tools.calls.count("book_table") <= words.count("yes")
    slots = {name for name, slot in flow().flow.slots.items() if not slot.sensitive}
    for one in heard(held):
        if one.tier == "model":
            assert not any(isinstance(act, Affirm | Deny) for act in one.acts)
            for act in one.acts:
                assert act.span.text == one.words[act.span.start : act.span.end] != ""
                assert not isinstance(act, Fill) or act.slot in slots
