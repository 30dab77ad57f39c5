"""What a model is asked: a flow's alphabet first, the same at every turn, then the question and the caller's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from engine.acts import GlobalName
from engine.effects import Expecting
from engine.flow.model import Flow, Intent, ListenStep
from engine.understanding.model import ModelPrompt, Schema
from engine.understanding.phrases import expand

GLOBALS: Final[Mapping[GlobalName, str]] = {
    "operator": "the caller wants to talk to a person",
    "help": "the caller does not know what to do or say",
    "repeat": "the caller wants to hear it again",
    "slower": "the caller wants us to speak more slowly",
    "back": "the caller wants the question before this one",
    "hold_on": "the caller asks us to wait",
}
"""Globals that a model may give. What ends a call or throws away what was said (goodbye, never mind, start over) is not
among them: that is never done on a model's word."""
MOST_ACTS: Final = 4
LONGEST_WORDS: Final = 160
"""Characters of the caller's words in one act; longer ones would be the whole story of a caller."""
_EXAMPLES: Final = 4
"""Phrases shown of each intent and answer."""

_HEAD: Final = """\
You read what a caller said to a booking desk on the telephone, as a speech recogniser wrote it, which may be wrong.
Answer with JSON only: {"acts": [...]}, at most four acts, best first.
Copy into "words" the caller's own words that show the act, in their order and with nothing left out in between. Never
write words that the caller did not say. Never work out a date, a time or a number: copy the words.
The kinds of acts:
{"act": "fill", "slot": SLOT, "words": WORDS}: the caller says a value for a slot
{"act": "want", "intent": INTENT, "words": WORDS}: the caller wants one of the intents
{"act": "ask", "answer": ANSWER, "words": WORDS}: the caller asks one of the questions
{"act": "call", "name": NAME, "words": WORDS}: one of the calls that hold at any time
If nothing fits, or if you are not sure, answer {"acts": []}."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """All that a model may say about one flow. Yes and no are not in it, nor are slots that hold a yes or no, nor slots
    that the flow calls sensitive: their words are not for a model."""

    slots: Mapping[str, str]
    """Names, and what they are called aloud."""
    intents: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, tuple[str, ...]]


def alphabet(flow: Flow) -> Alphabet:
    """What may be said about this flow; pure."""
    slots = {
        name: slot.label or name.replace("_", " ")
        for name, slot in flow.slots.items()
        if slot.type != "yes_no" and not slot.sensitive
    }
    intents: dict[str, tuple[str, ...]] = {}
    for table in _intents(flow):
        for name, intent in table.items():
            intents[name] = (*intents.get(name, ()), *intent.hear)
    return Alphabet(slots, intents, {name: answer.hear for name, answer in flow.answers.items()})


def _intents(flow: Flow) -> Iterator[Mapping[str, Intent]]:
    yield from (step.intents for step in flow.steps.values() if isinstance(step, ListenStep))
    yield flow.anywhere


def schema_of(known: Alphabet) -> Schema:
    """The one JSON schema of a flow: what is not open at a turn is dropped from the answer, so that the server has to
    learn one schema for all turns."""
    kinds = [_act("fill", "slot", known.slots), _act("want", "intent", known.intents)]
    kinds += [_act("ask", "answer", known.answers), _act("call", "name", GLOBALS)]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["acts"],
        "properties": {
            "acts": {"type": "array", "maxItems": MOST_ACTS, "items": {"anyOf": [kind for kind in kinds if kind]}}
        },
    }


def _act(kind: str, key: str, names: Mapping[Any, object]) -> dict[str, Any]:
    if not names:
        return {}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["act", key, "words"],
        "properties": {
            "act": {"const": kind},
            key: {"enum": list(names)},
            "words": {"type": "string", "maxLength": LONGEST_WORDS},
        },
    }


def prefix(flow: Flow, known: Alphabet) -> str:
    """What stands before every question about this flow, the same byte for byte."""
    parts = [_HEAD]
    if known.slots:
        parts.append("Slots:\n" + "\n".join(_slot(flow, name, label) for name, label in known.slots.items()))
    for title, table in (("Intents", known.intents), ("Questions", known.answers)):
        if table:
            parts.append(f"{title}, with what callers say:\n" + "\n".join(_heard(table)))
    parts.append("Calls:\n" + "\n".join(f"- {name}: {meaning}" for name, meaning in GLOBALS.items()))
    parts.append("Examples:\n" + "\n".join(_examples(known)))
    parts.append(f"The caller speaks {flow.language}.")
    return "\n\n".join(parts)


def _slot(flow: Flow, name: str, label: str) -> str:
    slot = flow.slots[name]
    labels = ", ".join(choice.label for choice in slot.options.get("choices", ()))
    return f"- {name} ({slot.type}): {label}" + (f"; one of: {labels}" if labels else "")


def _heard(table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, phrases in table.items():
        shown = (json.dumps(expand(phrase)[0], ensure_ascii=False) for phrase in islice(phrases, _EXAMPLES) if phrase)
        yield f"- {name}: {', '.join(shown)}"


def _examples(known: Alphabet) -> Iterator[str]:
    """Answers in their form, made of the flow's own phrases; the last shows that nothing is an answer too."""
    for table, kind, key in ((known.intents, "want", "intent"), (known.answers, "ask", "answer")):
        plain = (
            (name, expand(phrase)[0]) for name, phrases in table.items() for phrase in phrases if "{" not in phrase
        )
        for name, words in islice(plain, 1):
            yield _example(f"er hello {words} please", {"act": kind, key: name, "words": words})
    yield _example(
        "sorry could you say that again for me", {"act": "call", "name": "repeat", "words": "say that again"}
    )
    yield f"Said: {json.dumps('the weather has been lovely')}\n{json.dumps({'acts': []})}"


def _example(said: str, act: Mapping[str, str]) -> str:
    return f"Said: {json.dumps(said, ensure_ascii=False)}\n{json.dumps({'acts': [act]}, ensure_ascii=False)}"


def question(flow: Flow, known: Alphabet, waiting: Expecting, said: str) -> str:
    """What differs from turn to turn: what was asked, what may be filled and wanted now, and the caller's words."""
    lines = []
    if waiting.asked is not None and waiting.asked in known.slots:
        lines.append(f"We asked for: {waiting.asked} ({known.slots[waiting.asked]})")
    elif waiting.kind == "intent":
        lines.append("We asked what the caller would like.")
    elif waiting.kind == "which":
        lines.append("We asked which part of what we read back is wrong.")
    lines.append(f"Slots open now: {', '.join(open_slots(flow, known, waiting)) or 'none'}")
    lines.append(f"Intents open now: {', '.join(open_intents(known, waiting)) or 'none'}")
    lines.append(f"Said: {json.dumps(said, ensure_ascii=False)}")
    return "\n".join(lines)


def open_slots(flow: Flow, known: Alphabet, waiting: Expecting) -> tuple[str, ...]:
    """Slots that a model may fill at this turn, the asked one first."""
    asked = waiting.asked
    names = dict.fromkeys((*((asked,) if asked else ()), *waiting.open))
    shy = {name for name in names if name != asked and flow.slots[name].only_when_asked}
    return tuple(name for name in names if name in known.slots and name not in shy)


def open_intents(known: Alphabet, waiting: Expecting) -> tuple[str, ...]:
    """Intents that a caller may want at this turn."""
    return tuple(name for name in waiting.intents if name in known.intents)


def prompt_of(system: str, flow: Flow, known: Alphabet, waiting: Expecting, said: str) -> ModelPrompt:
    """The whole prompt of one turn."""
    return ModelPrompt(system, question(flow, known, waiting, said))
