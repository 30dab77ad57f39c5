"""One small speech grammar (JSGF) for each answer that is waited for, written from the flow."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.effects import Expecting
from engine.flow.model import Flow, Intent, ListenStep, Slot
from engine.speech.bias import GARBAGE, GLOBALS, HESITATION, NO, YES, listed, spoken_words
from engine.speech.forms import RULES, Form, form_of

GARBAGE_MARK: Final = "~"
"""Begins every word of the garbage rule, so that a result made of them is known as no answer."""

Weighted: TypeAlias = tuple[float, str]
"""How likely an alternative is beside the others of its rule, and its expansion."""

_RULE: Final = re.compile(r"<([a-z_]+)>")
_TOKEN: Final = re.compile(r"[~a-z][a-z']*")
_NOT_WORDS: Final = re.compile(r"<[a-z_]+>|/[0-9.]+/")
_SLOT: Final = re.compile(r"\{([a-z_]+)\}")
_ORDINAL_CHOICE: Final = (
    "/3/ the (first|second|third|last) [one] | /1/ (first|second|third) one | /0.5/ (first|second|third|last)"
    " | /0.5/ the (earlier|later) one"
)
_NOUN_STARTS: Final = frozenset({"a", "an", "the", "my", "some"})
_SENTENCE_STARTS: Final = listed(
    "i i'd i'll i'm can could do does did is are was have has what where when how who why may will would we we'd you it"
    " it's there there's that's she he his her they please"
)
_WANT_NOUN: Final = (
    "/3/ I'd like | /1/ I would like | /1/ can I have | /0.7/ could I have | /0.5/ I need | /0.5/ I want"
)
_WANT_VERB: Final = (
    "/3/ I'd like to | /1/ I would like to | /1.5/ I want to | /1/ can I | /0.7/ could I | /0.5/ I need to"
)

WEIGHTS: Final[Mapping[str, float]] = {
    "answer": 80, "yes": 40, "no": 40, "correction": 14, "globals": 5, "answers": 3, "anywhere": 2, "garbage": 0.03,
}  # fmt: skip
"""How often each branch of a grammar is meant, beside the others."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """`jsgf` with its public rule `top`; `words` are all that it holds, those of the garbage rule with their mark."""

    key: str
    jsgf: str
    words: frozenset[str]


class Grammars:
    """The grammars of one flow. Pure: the same question gives the same grammar, with the same `key`."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._made: dict[tuple[object, ...], Grammar] = {}

    def grammar(self, expecting: Expecting) -> Grammar:
        """What may be said in answer to this question."""
        question = (
            expecting.step, expecting.kind, expecting.asked, expecting.open, expecting.yes_no, expecting.intents
        )  # fmt: skip
        if question not in self._made:
            self._made[question] = _write(dict(self._rules(expecting)))
        return self._made[question]

    def _rules(self, expecting: Expecting) -> Iterator[tuple[str, str]]:
        """Every rule by name, `top` last; those that nothing leads to are left out later."""
        yield from RULES.items()
        yield "yes", _join((weight, _phrase(text)) for text, weight in YES.items())
        yield "no", _join((weight, _phrase(text)) for text, weight in NO.items())
        yield "hesitation", "|".join(HESITATION)
        yield "globals", "|".join(_phrase(text) for texts in GLOBALS.values() for text in texts)
        yield "garbage_word", "|".join(GARBAGE_MARK + word for word in GARBAGE)
        yield "garbage", "<garbage_word> <garbage_word>*"
        forms = {slot.name: form_of(slot) for slot in self._open_slots(expecting)}
        linked = [form.linked for form in forms.values() if form.linked]
        yield "more", _join((1.0, f"({text})") for text in linked)
        yield "several", "<more> [/0.4/ <several>]"
        branches = [*self._meant(expecting, forms, bool(linked)), *self._always(expecting)]
        for name, _, text in branches:
            yield f"branch_{name}", text
        yield "meant", _join((weight, f"<branch_{name}>") for name, weight, text in branches if text)
        yield "top", "[/0.01/ <hesitation>] <meant>"

    def _open_slots(self, expecting: Expecting) -> Iterator[Slot]:
        """The slots that may be filled now, the asked one first."""
        for name in dict.fromkeys((expecting.asked, *expecting.open)):
            slot = self._flow.slots.get(name or "")
            if slot is not None and (name == expecting.asked or not slot.only_when_asked):
                yield slot

    def _meant(
        self, expecting: Expecting, forms: Mapping[str, Form], several: bool
    ) -> Iterator[tuple[str, float, str]]:
        """The branches of the answer itself: name, weight, expansion."""
        asked = forms.get(expecting.asked or "", Form(""))
        more = " [/0.2/ <several>] [/0.08/ please]" if several else " [/0.08/ please]"
        if expecting.kind == "intent":
            yield "answer", WEIGHTS["answer"], self._intents(expecting, more)
        elif expecting.kind == "which":
            yield "answer", WEIGHTS["answer"], self._parts(expecting)
        elif asked.alone:
            yield "answer", WEIGHTS["answer"], f"({asked.alone}){more}"
        if expecting.kind == "choice":
            yield "order", WEIGHTS["answer"] / 2, _ORDINAL_CHOICE
        if expecting.yes_no or expecting.kind == "yes_no":
            yield "yes", WEIGHTS["yes"], "<yes>"
            yield "no", WEIGHTS["no"], "<no>"
        if several:
            yield "correction", WEIGHTS["correction"], _correction(expecting)

    def _always(self, expecting: Expecting) -> Iterator[tuple[str, float, str]]:
        """The branches of what may be said at any point of a call."""
        yield "globals", WEIGHTS["globals"], "<globals>"
        yield "answers", WEIGHTS["answers"], self._answers()
        if expecting.kind != "intent":
            phrases = [self._said(text) for intent in self._flow.anywhere.values() for text in intent.hear]
            yield "anywhere", WEIGHTS["anywhere"], "|".join(filter(None, phrases))
        yield "garbage", WEIGHTS["garbage"], "<garbage>"

    def _answers(self) -> str:
        phrases = [self._said(text) for answer in self._flow.answers.values() for text in answer.hear]
        return "|".join(filter(None, phrases))

    def _intents(self, expecting: Expecting, more: str) -> str:
        step = self._flow.steps.get(expecting.step)
        here: Mapping[str, Intent] = step.intents if isinstance(step, ListenStep) else {}
        alternatives: list[Weighted] = []
        for name in expecting.intents:
            intent = here.get(name) or self._flow.anywhere.get(name)
            weight = 3.0 if name in here else 0.5
            phrases = [self._wish(text) for text in intent.hear] if intent else []
            alternatives += [(weight, phrase) for phrase in phrases if phrase]
        return f"({_join(alternatives)}){more}" if alternatives else ""

    def _parts(self, expecting: Expecting) -> str:
        """The names of slots, where the caller is asked which of them is wrong."""
        labels = []
        for name in expecting.intents:
            slot = self._flow.slots.get(name)
            words = spoken_words(slot.label if slot else name.replace("_", " "))
            plain = words[1:] if words[:1] == ("the",) and len(words) > 1 else words
            labels.append((1.0, f"[the] {' '.join(plain)} [/0.2/ is wrong]"))
        return _join(labels)

    def _wish(self, text: str) -> str:
        """A phrase of an intent, with the ways people begin a wish."""
        said = self._said(text)
        first = spoken_words(text)[:1]
        if not said or not first or first[0] in _SENTENCE_STARTS:
            return said
        want = _WANT_NOUN if first[0] in _NOUN_STARTS else _WANT_VERB
        return f"[/1.2/ ({want.lower()})] {said}"

    def _said(self, text: str) -> str:
        """The words of a phrase; each `{slot}` as the values of that slot. Empty when a slot in it is open."""
        pieces: list[str] = []
        for word in spoken_words(text):
            hole = _SLOT.fullmatch(word)
            if hole is None:
                pieces.append(word)
                continue
            slot = self._flow.slots.get(hole[1])
            value = form_of(slot).value if slot else ""
            if not value:
                return ""
            pieces.append(f"({value})")
        return " ".join(pieces)


def _correction(expecting: Expecting) -> str:
    """Values given where something else was asked; at a confirmation mostly after "no"."""
    if expecting.kind == "yes_no":
        begins = "/10/ no | /0.2/ no it's | /0.5/ no make it | /0.2/ no I said | /0.5/ actually | /0.5/ make it"
        return f"[{begins.lower()} | /0.3/ yes but] <several>"
    return "[/0.2/ no | /0.1/ actually] <several>"


def _phrase(text: str) -> str:
    return " ".join(spoken_words(text))


def _join(alternatives: Iterable[Weighted]) -> str:
    return " | ".join(f"/{weight:.9f}/ {text}" for weight, text in alternatives)


def _write(rules: Mapping[str, str]) -> Grammar:
    """The rules that `top` leads to, as one grammar."""
    needed = ["top"]
    for name in needed:
        needed += [found for found in dict.fromkeys(_RULE.findall(rules[name])) if found not in needed]
    body = [f"<{name}> = {rules[name].lower()};" for name in needed if name != "top"]
    jsgf = "\n".join(["#JSGF V1.0;", "grammar frontdesk;", *body, f"public <top> = {rules['top']};", ""])
    words = frozenset(word for name in needed for word in _TOKEN.findall(_NOT_WORDS.sub(" ", rules[name].lower())))
    return Grammar(hashlib.sha256(jsgf.encode()).hexdigest()[:16], jsgf, words)
