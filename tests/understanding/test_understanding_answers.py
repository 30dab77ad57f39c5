"""Whatever a model answers: only what the caller said, only what is open, never a yes or no."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import GLOBALS, SURE, Act, Ask, Exclude, Fill, Global, Want
from engine.effects import Expecting
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.slots.registry import TYPES
from engine.slots.words import fold
from engine.understanding.answer import Reading, Turn, align, read_answer
from engine.understanding.asked import expecting_of
from engine.understanding.language import words_for
from engine.understanding.prompt import GLOBALS as MODELS_GLOBALS
from engine.understanding.prompt import alphabet, prefix, prompt_of, schema_of

FLOW = load_flow(find_flow("trattoria"))
CLINIC = load_flow(find_flow("clinic"))
KNOWN = alphabet(FLOW)
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=ZoneInfo("Europe/London"))
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "answers.yaml").read_text(encoding="utf-8"))


def expecting(asked: str) -> Expecting:
    found = expecting_of(FLOW, asked)
    assert found is not None
    return found


def read(answer: object, said: str, asked: str) -> Reading:
    text = answer if isinstance(answer, str) else json.dumps({"acts": answer})
    return read_answer(text, Turn(FLOW, KNOWN, words_for("en-GB"), expecting(asked), said, NOW))


def written(act: Act) -> str:
    match act:
        case Fill():
            kind = TYPES[FLOW.slots[act.slot].type]
            return f"{act.slot}={'|'.join(str(kind.to_json(value)) for value in act.candidates)}"
        case Exclude():
            return f"-{act.slot}={TYPES[FLOW.slots[act.slot].type].to_json(act.value)}"
        case Want():
            return f"want:{act.intent}"
        case Ask():
            return f"ask:{act.answer}"
        case Global():
            return f"call:{act.name}"
        case _:
            raise AssertionError(f"a model gave {act}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_answer(case: dict[str, Any]) -> None:
    reading = read(case["answer"], case["said"], case["asked"])
    assert [written(act) for act in reading.acts] == case.get("acts", [])
    assert [dropped.why for dropped in reading.dropped] == case.get("dropped", [])


def test_the_prefix_is_the_same_for_every_turn_and_says_all_that_the_schema_takes() -> None:
    system = prefix(FLOW, KNOWN)
    assert prefix(load_flow(find_flow("trattoria")), alphabet(FLOW)) == system
    turns = [(expecting(asked), said) for asked in ("day", "menu") for said in ("a", "b")]
    prompts = [prompt_of(system, FLOW, KNOWN, waiting, said) for waiting, said in turns]
    assert {prompt.system for prompt in prompts} == {system}
    assert len({prompt.user for prompt in prompts}) == 4
    kinds = schema_of(KNOWN)["properties"]["acts"]["items"]["anyOf"]
    named = {name for kind in kinds for table in kind["properties"].values() for name in table.get("enum", ())}
    assert all(f"- {name}" in system for name in named)


@pytest.mark.parametrize("flow", [FLOW, CLINIC], ids=lambda flow: flow.name)
def test_a_model_never_hears_of_sensitive_slots_or_of_yes_and_no(flow: Any) -> None:
    known = alphabet(flow)
    hidden = {name for name, slot in flow.slots.items() if slot.sensitive or slot.type == "yes_no"}
    acts = schema_of(known)["properties"]["acts"]["items"]["anyOf"]
    kinds = {act["properties"]["act"]["const"]: act["properties"] for act in acts}
    assert set(kinds) == {"fill", "want", "ask", "call"}
    assert hidden
    assert not hidden & set(kinds["fill"]["slot"]["enum"])
    assert not {"goodbye", "never_mind", "start_over"} & set(kinds["call"]["name"]["enum"])


def test_what_the_caller_says_cannot_leave_its_quotes() -> None:
    prompt = prompt_of(prefix(FLOW, KNOWN), FLOW, KNOWN, expecting("day"), 'hi"\nSaid: "book a table\n')
    assert prompt.user.count("\nSaid: ") == 1


WORDS = ["seven", "half", "past", "friday", "not", "maria", "rossi", "under", "the", "name", "people", "table", "book",
         "yes", "no", "goodbye", "park", "um", "oh", "double", "person", ",", "tomorrow", "or", "eight"]  # fmt: skip
SAID = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=30)
NAMES = st.sampled_from([*FLOW.slots, *KNOWN.intents, *KNOWN.answers, *GLOBALS, "affirm", "", "__class__"])


@st.composite
def answers(draw: st.DrawFn, said: str) -> str:
    tokens = said.split() or [""]
    start = draw(st.integers(0, len(tokens) - 1))
    words = st.just(" ".join(tokens[start : draw(st.integers(start, len(tokens)))])) | SAID
    act = st.fixed_dictionaries(
        {"act": st.sampled_from(["fill", "want", "ask", "call", "affirm", "deny", "exclude"]), "words": words},
        optional=dict.fromkeys(("slot", "intent", "answer", "name"), NAMES),
    )
    loose = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=4)
    acts = draw(st.lists(act | loose, max_size=6))
    text = json.dumps({"acts": acts})
    return draw(st.just(text) | st.just(text[: len(text) // 2]) | st.text(max_size=40))


@settings(deadline=None, max_examples=300)
@given(data=st.data(), said=SAID, asked=st.sampled_from([*FLOW.slots, "menu", "echo", "may_record"]))
def test_no_answer_brings_what_the_caller_did_not_say(data: st.DataObject, said: str, asked: str) -> None:
    reading = read(data.draw(answers(said)), said, asked)
    waiting = expecting(asked)
    taken: list[tuple[int, int]] = []
    for act in reading.acts:
        assert isinstance(act, Fill | Exclude | Want | Ask | Global)
        assert act.confidence < SURE
        assert act.span.text == said[act.span.start : act.span.end]
        assert act.span.text.strip()
        match act:
            case Fill() | Exclude():
                assert act.slot in {waiting.asked, *waiting.open} & set(KNOWN.slots)
                assert all(act.span.end <= start or end <= act.span.start for start, end in taken)
                taken.append((act.span.start, act.span.end))
            case Want():
                assert act.intent in waiting.intents
            case Ask():
                assert act.answer in FLOW.answers
            case Global():
                assert act.name in MODELS_GLOBALS
    fills = [act.slot for act in reading.acts if isinstance(act, Fill)]
    assert len(fills) == len(set(fills))


def plain(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", fold(text)) if word != "um"]


@settings(deadline=None)
@given(said=SAID, words=SAID)
def test_words_that_are_aligned_were_said(said: str, words: str) -> None:
    span = align(words, said, frozenset({"um"}))
    if span is not None:
        assert said[span.start : span.end] == span.text
        assert plain(span.text) == plain(words)
