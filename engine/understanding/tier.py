"""The last tier of the cascade: a model is asked for what the embedded understanding left open, and is held to it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from engine.acts import Act, Ask, Exclude, Fill, Span, Understood, Want
from engine.effects import Expecting
from engine.flow.model import Flow
from engine.understanding.answer import Reading, Turn, read_answer
from engine.understanding.explain import Reason, Verdict
from engine.understanding.language import words_for
from engine.understanding.model import Model, ModelFault, ModelPrompt, ModelWatch
from engine.understanding.phrases import plain_words
from engine.understanding.prompt import alphabet, prefix, prompt_of, schema_of

UNSURE: Final = 0.55
"""An utterance of which the surest act is less sure than this is shown to the model as well. Of 109 paraphrases at the
menus of the shipped flows, 5 of 7 wrong guesses lie below it, and 12 of 97 right ones; at 0.65 it would be 35."""
_LONGEST: Final = 400
"""Characters of an utterance that a model is shown; more is a story, not an answer."""
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ -]?\d){4,}")


@dataclass(frozen=True, slots=True)
class Consulted:
    """What came of asking. `skipped` says why the model was not asked, `fault` why it did not answer."""

    understood: Understood
    skipped: str = ""
    fault: str = ""
    answer: str = ""
    reading: Reading = field(default_factory=Reading)


class ModelTier:
    """One flow's questions to a model; stateless, so that all calls of a line share it."""

    def __init__(self, flow: Flow, model: Model, watch: ModelWatch | None = None) -> None:
        self._flow = flow
        self._model = model
        self._watch = watch
        self._words = words_for(flow.language)
        self._known = alphabet(flow)
        self.schema = schema_of(self._known)
        self.system = prefix(flow, self._known)

    @property
    def warming(self) -> ModelPrompt:
        """A question that makes a server learn prefix and schema."""
        return self.prompt("")

    def prompt(self, said: str, waiting: Expecting | None = None) -> ModelPrompt:
        """The whole prompt for words, after a question or none in particular."""
        return prompt_of(self.system, self._flow, self._known, waiting or Expecting("", "intent"), said)

    def skips(self, text: str, understood: Understood, waiting: Expecting, confidence: float = 1.0) -> str:
        """Why there is nothing to ask a model after what was understood; empty when there is. `confidence` is the
        recogniser's, which no act exceeds."""
        slot = self._flow.slots.get(waiting.asked or "")
        if waiting.kind == "yes_no" or (slot is not None and slot.type == "yes_no"):
            return "a yes or no is never a model's"
        if slot is not None and slot.sensitive:
            return f"{slot.name} is sensitive, so its words are not for a model"
        if any(act.confidence >= min(UNSURE, confidence) for act in understood.acts):
            return "enough was understood without it"
        if len(text) > _LONGEST:
            return "too long for a model to be shown"
        if not any(token.plain not in self._words.light for token in plain_words(text, self._words)):
            return "there are no words that say anything"
        return ""

    async def ask(self, text: str, understood: Understood, waiting: Expecting, now: datetime) -> Understood:
        """What is understood with the model's word, which is asked once; the same as before if it gives none."""
        return (await self.consult(text, understood, waiting, now)).understood

    async def consult(self, text: str, understood: Understood, waiting: Expecting, now: datetime) -> Consulted:
        """As `ask`, with everything that led there."""
        began = time.perf_counter()
        shown = self.prompt(self._masked(text, understood.acts), waiting)
        try:
            answer = await self._model.ask(shown, self.schema)
        except ModelFault as fault:
            return Consulted(understood, fault=str(fault))
        turn = Turn(self._flow, self._known, self._words, waiting, text, now, understood.acts)
        reading = read_answer(answer, turn)
        if self._watch is not None:
            for dropped in reading.dropped:
                self._watch.dropped(dropped.why)
        if not reading.acts:
            return Consulted(understood, answer=answer, reading=reading)
        spent = understood.milliseconds + (time.perf_counter() - began) * 1000
        acts = _joined(understood.acts, reading.acts)
        return Consulted(Understood(acts, "model", spent), answer=answer, reading=reading)

    def _masked(self, text: str, acts: Sequence[Act]) -> str:
        """The words without values of sensitive slots, and without long numbers, whatever they are."""
        hidden = [
            (act.span, act.slot)
            for act in acts
            if isinstance(act, Fill | Exclude) and self._flow.slots[act.slot].sensitive
        ]
        return masked(text, hidden)


def about_model(consulted: Consulted) -> Iterator[Reason]:
    """What the model had to do with it."""
    if consulted.skipped or consulted.fault:
        verdict: Verdict = "not asked" if consulted.skipped else "nothing"
        yield Reason("model", "the model", verdict, consulted.skipped or f"no answer: {consulted.fault}")
        return
    for act in consulted.reading.acts:
        name = getattr(act, "slot", "") or getattr(act, "intent", "") or getattr(act, "answer", "")
        what = name or getattr(act, "name", "")
        yield Reason("model", what, "taken", f"it points at “{act.span.text}”, which the caller said")
    for dropped in consulted.reading.dropped:
        yield Reason("model", dropped.why, "dropped", f"{dropped.text}: {dropped.said}")
    if not consulted.reading.acts and not consulted.reading.dropped:
        yield Reason("model", "the model", "nothing", "it found nothing either")


def masked(text: str, hidden: Sequence[tuple[Span, str]]) -> str:
    """The text with each hidden stretch replaced by `{its name}`, and every number of five or more digits by
    `{number}`."""
    for span, name in sorted(hidden, key=lambda one: -one[0].start):
        text = f"{text[: span.start]}{{{name}}}{text[span.end :]}"
    return _LONG_NUMBER.sub("{number}", text)


def _joined(before: Sequence[Act], found: Sequence[Act]) -> tuple[Act, ...]:
    """What both found; an intent or a question of which we were unsure gives way to the model's."""
    kinds = {type(act) for act in found if isinstance(act, Want | Ask)}
    kept = [act for act in before if type(act) not in kinds]
    return (*kept, *found)
