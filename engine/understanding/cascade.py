"""Words to acts: recognisers, yes and no, globals, phrases, each seeing what the one before left open."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import engine.slots  # noqa: F401  (fills the registry of slot types)
from engine.acts import Act, Affirm, Ask, Deny, Exclude, Fill, Global, PersonName, Span, Tier, Understood, Want
from engine.effects import Expecting
from engine.flow.model import Flow, ListenStep, Slot
from engine.kinds import item_of
from engine.slots.words import fold
from engine.slots.yes_no import answer_in, yes_before
from engine.understanding.choices import by_order, left_open, named_slots, pick, without_slot
from engine.understanding.claims import Claim, Open, claims, settle
from engine.understanding.doubted import doubted
from engine.understanding.explain import Reason, about_globals, about_slots, about_yes_no
from engine.understanding.globals import core, globals_in
from engine.understanding.intents import ANSWERED, ELSEWHERE, Intents
from engine.understanding.language import words_for

_LONGEST: Final = 1000
"""Characters of an utterance that are read: some two minutes of speech. It bounds the work that any text can cause."""
_LAST_NAME: Final = re.compile(r"\b(?:(?:last|family|second) name|surname)\b(?!.*\bfirst\b)")
_READ: Final = 5
"""Other readings that are weighed against a first one that made sense."""
_UNCLEAR: Final = 0.79
_CLEAR: Final = 0.85
_HEARABLE: Final = dict.fromkeys(("date_of_birth", "person_name", "email", "postcode", "address"), 0.84)
"""The most that hearing alone is worth: recognisers mistake 1917 for 1970 and one name for another, with all their
readings agreeing, so such values are always read back. Keys and talk files are exact."""
_BARE_NUMBERS: Final = frozenset({"time", "party_size", "number"})
_MADE: Final = 0.8
_PLACED: Final = 0.8
"""What a place in a list is worth where the caller may not have heard the list."""
_ALTERNATIVE: Final = 0.8
"""What is left of the confidence when only another reading of the recogniser made sense."""


class Understanding:
    """One flow's understanding: made when the flow loads, then stateless and deterministic."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._words = words_for(flow.language)
        phrases: dict[str, tuple[str, ...]] = {}
        for intents in (*(step.intents for step in flow.steps.values() if isinstance(step, ListenStep)), flow.anywhere):
            for name, intent in intents.items():
                phrases[name] = (*phrases.get(name, ()), *intent.hear)
        answers = {name: answer.hear for name, answer in flow.answers.items()}
        self._kinds = {name: slot.type for name, slot in flow.slots.items()}
        self._types = {name: slot.item for name, slot in flow.slots.items()}
        self._intents = Intents(phrases, answers, self._types, self._words)
        self._every_intent = tuple(phrases)
        self._urgent = tuple(name for name, intent in flow.anywhere.items() if intent.urgent)

    def understand(
        self,
        text: str,
        expecting: Expecting | None,
        now: datetime,
        alternatives: Sequence[str] = (),
        confidence: float = 1.0,
    ) -> Understood:
        """The acts of one utterance; `expecting` None means that everything is open. `alternatives` are other readings
        of the same sound, best first; `confidence` is the recogniser's own (0 to 1) and no act is surer than it.
        Spans are code points of `text`, whichever reading an act came from. Only the first 1000 characters are read.
        Raises nothing for any text."""
        started = time.perf_counter()
        text = text[:_LONGEST]
        waiting = expecting or self.everything
        acts, tier = self._read(text, waiting, now)
        if not _answers(acts, waiting):
            acts, tier = self._from_alternatives(
                text, acts, tier, waiting, now, [other[:_LONGEST] for other in alternatives]
            )
        elif alternatives:
            acts = self._weighed(acts, waiting, now, [other[:_LONGEST] for other in alternatives[:_READ]])
        acts = [_capped(act, min(confidence, self._hearable(act))) for act in acts]
        if alternatives:
            acts = [_with_readings(act, (text, *alternatives[:_READ])) for act in acts]
        return Understood(tuple(acts), tier, (time.perf_counter() - started) * 1000)

    def explain(self, text: str, expecting: Expecting | None, now: datetime) -> tuple[Reason, ...]:
        """Why `understand` finds what it finds in these words, stage by stage."""
        text = text[:_LONGEST]
        waiting = expecting or self.everything
        acts = self.understand(text, expecting, now).acts
        slots = self._open(waiting)
        found = claims(text, slots, now, self._flow.language) or self._made_it(text, slots, now)
        allowed, marks, caution = self._looked_for(waiting, acts)
        phrases = [
            Reason("phrases", name, "taken" if taken else "nothing", why)
            for name, taken, why in self._intents.why(text, allowed, marks, caution)
        ]
        return (
            *about_slots(self._flow, waiting, slots, found, acts),
            about_yes_no(self._takes_yes_no(waiting), (answer_in(text, self._flow.language) or (None,))[0], acts),
            *phrases,
            *about_globals(globals_in(text, self._words, False, ()), acts),
        )

    @property
    def everything(self) -> Expecting:
        """What is expected where nothing in particular was asked: all there is."""
        slots = tuple(name for name, slot in self._flow.slots.items() if not slot.only_when_asked)
        return Expecting(step="", kind="intent", open=slots, yes_no=True, intents=self._every_intent)

    def _read(self, text: str, waiting: Expecting, now: datetime) -> tuple[list[Act], Tier]:
        acts: list[Act] = list(self._values(text, waiting, now))
        if waiting.kind == "choice":
            chosen = pick(text, waiting, acts, self._words)
            acts = [*without_slot(acts, waiting.asked), chosen] if chosen else acts
        acts += self._by_place(text, waiting, acts)
        if waiting.kind == "which":
            acts += self._which(text, waiting, acts)
        slot = self._flow.slots.get(waiting.asked or "")
        if slot and slot.optional and (leaves := left_open(text, slot, acts, self._words)):
            acts = [*without_slot(acts, slot.name), leaves]
        else:
            acts += self._yes_no(text, waiting, acts)
        tier: Tier = "recognisers" if acts else "none"
        wishes = list(self._wishes(text, waiting, acts))
        calls = globals_in(text, self._words, bool(acts or wishes), [act.span for act in wishes])
        acts = [act for act in acts if not _is_courtesy(act, calls)]
        if wishes or calls:
            tier = "phrases"
        return [*calls, *wishes, *acts], tier

    def _open(self, waiting: Expecting) -> list[Open]:
        """Slots whose recognisers are asked."""
        asked = waiting.asked
        names = dict.fromkeys((*((asked,) if asked else ()), *waiting.open))
        return [
            Open(name, slot.type, _options(slot), name == asked)
            for name in names
            if (slot := self._flow.slots.get(name)) and slot.type != "yes_no"
            if name == asked or not slot.only_when_asked
        ]

    def _values(self, text: str, waiting: Expecting, now: datetime) -> Sequence[Fill | Exclude]:
        slots = self._open(waiting)
        found = claims(text, slots, now, self._flow.language) or self._made_it(text, slots, now)
        free = [claim for claim in found if item_of(claim.slot.type) == "text"]
        if free and len(text.split()) <= 4 and answer_in(text, self._flow.language) is not None:
            found = [claim for claim in found if claim not in free]
        asked = self._types.get(waiting.asked or "", "")
        return doubted(text, settle(text, found, self._words, asked), self._kinds, self._flow.language, now)

    def _made_it(self, text: str, slots: Sequence[Open], now: datetime) -> list[Claim]:
        """ "Make it nine" where one open slot alone takes a bare number."""
        lead = self._words.make_it.search(fold(text))
        fitting = [replace(slot, asked=True) for slot in slots if item_of(slot.type) in _BARE_NUMBERS]
        if lead is None or len(fitting) != 1:
            return []
        found = claims(text, fitting, now, self._flow.language)
        return [
            replace(claim, mention=replace(claim.mention, confidence=_MADE))
            for claim in found
            if claim.mention.span.start == lead.end()
        ]

    def _by_place(self, text: str, waiting: Expecting, acts: Sequence[Act]) -> Sequence[Act]:
        """A choice named by its place among the slot's, as all that is said ("the second one")."""
        slot = self._flow.slots.get(waiting.asked or "")
        if waiting.kind != "slot" or slot is None or slot.type != "choice" or acts:
            return ()
        if not self._words.order.search(fold(text)):
            return ()
        named = by_order(text, slot.name, [choice.value for choice in slot.options.get("choices", ())], self._words)
        start, end = core(fold(text), self._words)
        return [replace(named, confidence=_PLACED)] if named and text[start:end] == named.span.text.strip() else ()

    def _which(self, text: str, waiting: Expecting, acts: Sequence[Act]) -> Sequence[Act]:
        slots = self._flow.slots
        labels = {name: slots[name].label for name in waiting.intents if name in slots}
        types = {name: slots[name].item for name in waiting.intents if name in slots}
        filled = {act.slot for act in acts if isinstance(act, Fill)}
        wanted = named_slots(text, waiting.intents, labels, types, self._words)
        return [want for want in wanted if want.intent not in filled]

    def _takes_yes_no(self, waiting: Expecting) -> bool:
        slot = self._flow.slots.get(waiting.asked or "")
        own = slot is not None and (slot.type == "yes_no" or slot.optional)
        return waiting.yes_no or own or waiting.kind == "choice"

    def _yes_no(self, text: str, waiting: Expecting, acts: Sequence[Act]) -> list[Act]:
        if not self._takes_yes_no(waiting):
            return []
        language = self._flow.language
        corrected = max((act.span.start for act in acts if isinstance(act, Fill)), default=-1)
        answer = answer_in(text, language) or yes_before(text, language, corrected)
        if answer is None:
            return []
        value, start, end, sure = answer
        span = Span(text[start:end], start, end)
        if any(isinstance(act, Fill) and act.span.start <= start and end <= act.span.end for act in acts):
            return []
        made: list[Act] = [Affirm(span, sure) if value else Deny(span, sure)]
        if waiting.asked and self._types.get(waiting.asked) == "yes_no":
            made.append(Fill(waiting.asked, (value,), span, sure))
        return made

    def _looked_for(
        self, waiting: Expecting, acts: Sequence[Act]
    ) -> tuple[tuple[str, ...], list[tuple[str, Span]], float]:
        """Which intents may be wanted, what is a value already, and how much surer than usual a guess must be."""
        allowed = waiting.intents if waiting.kind != "which" else tuple(self._flow.anywhere)
        fills = [act for act in acts if isinstance(act, Fill) and act.span.end > act.span.start]
        marks = [(self._types[act.slot], act.span) for act in fills]
        caution = 0.0 if waiting.kind == "intent" else ANSWERED if _is_busy(acts) else ELSEWHERE
        return allowed, marks, caution

    def _wishes(self, text: str, waiting: Expecting, acts: Sequence[Act]) -> Sequence[Want | Ask]:
        found = self._intents.find(text, *self._looked_for(waiting, acts))
        if not _is_busy(acts):
            return found
        if questions := [act for act in self._beside(text, acts) if isinstance(act, Ask)]:
            found = [*(act for act in found if not isinstance(act, Ask)), questions[0]]
        if self._urgent and not any(isinstance(act, Want) for act in found):
            found = [*found, *self._urgencies(text, acts)]
        return found

    def _beside(self, text: str, acts: Sequence[Act]) -> Iterator[Want | Ask]:
        """What is asked in a clause of its own beside an answer ("four of us, and do you take cards")."""
        ends = [found.start() for found in self._words.clause.finditer(fold(text))]
        for start, end in pairwise((0, *ends, len(text))):
            clause = " " * start + text[start:end] + " " * (len(text) - end)
            if clause.strip() != text.strip() and not any(
                act.span.start < end and start < act.span.end for act in acts
            ):
                yield from self._intents.find(clause, (), (), ELSEWHERE)

    def _urgencies(self, text: str, acts: Sequence[Act]) -> Sequence[Want]:
        """Urgent wishes in what an answer leaves over ("yes, my wife has passed out"): these are worth a false alarm
        more than the others."""
        rest = text
        for act in acts:
            rest = rest[: act.span.start] + " " * (act.span.end - act.span.start) + rest[act.span.end :]
        found = self._intents.find(rest, self._urgent, (), ELSEWHERE)
        return [
            replace(act, span=Span(text[act.span.start : act.span.end], act.span.start, act.span.end))
            for act in found
            if isinstance(act, Want)
        ]

    def _from_alternatives(
        self,
        text: str,
        acts: list[Act],
        tier: Tier,
        waiting: Expecting,
        now: datetime,
        alternatives: Sequence[str],
    ) -> tuple[list[Act], Tier]:
        """The first other reading that answers the question; a yes or no is never taken from one."""
        whole = Span(text, 0, len(text))
        for other in alternatives:
            found, stage = self._read(other, waiting, now) if other != text else ([], "none")
            useful = [act for act in found if not isinstance(act, Affirm | Deny)]
            if useful and _answers(useful, waiting):
                lowered = [replace(_capped(act, act.confidence * _ALTERNATIVE), span=whole) for act in useful]
                return [*acts, *(act for act in lowered if not _has(acts, act))], stage
        return acts, tier

    def _hearable(self, act: Act) -> float:
        return _HEARABLE.get(self._types[act.slot], 1.0) if isinstance(act, Fill) else 1.0

    def _weighed(self, acts: list[Act], waiting: Expecting, now: datetime, others: Sequence[str]) -> list[Act]:
        """What was said for the asked slot in the light of the other readings: a clear one of them stands in for an
        unclear first one, and a clear first one is no longer sure when another reading clearly says something else."""
        mine = next((act for act in acts if isinstance(act, Fill) and act.slot == waiting.asked), None)
        if mine is None or self._types[mine.slot] == "text":
            return acts
        found = (act for other in others for act in self._values(other, waiting, now))
        clear = [act for act in found if isinstance(act, Fill) and act.slot == mine.slot and act.confidence >= _CLEAR]
        if mine.confidence < _UNCLEAR and clear:
            better = replace(clear[0], span=mine.span, confidence=clear[0].confidence * _ALTERNATIVE)
        elif any(not set(act.candidates) & set(mine.candidates) for act in clear):
            better = replace(mine, confidence=min(mine.confidence, _ALTERNATIVE))
        else:
            return acts
        return [better if act is mine else act for act in acts]


def _is_busy(acts: Sequence[Act]) -> bool:
    """Whether the words answer a question already."""
    return any(isinstance(act, Fill | Affirm | Deny) for act in acts)


def _options(slot: Slot) -> Mapping[str, Any]:
    """The slot's options; a slot that is called a last name takes a single name as that."""
    if slot.item == "person_name" and _LAST_NAME.search(f"{slot.name} {slot.label}".replace("_", " ").lower()):
        return {**slot.options, "part": "last"}
    return slot.options


def _answers(acts: Sequence[Act], waiting: Expecting) -> bool:
    """Whether anything came of the utterance: a value for the asked slot, or where none was asked, any act."""
    if waiting.asked is None:
        return bool(acts)
    return any(not isinstance(act, Fill | Exclude) or act.slot == waiting.asked for act in acts)


def _has(acts: Sequence[Act], wanted: Act) -> bool:
    return any(type(act) is type(wanted) and getattr(act, "slot", 0) == getattr(wanted, "slot", 0) for act in acts)


def _capped(act: Act, confidence: float) -> Act:
    return act if act.confidence <= confidence else replace(act, confidence=confidence)


def _with_readings(act: Act, readings: tuple[str, ...]) -> Act:
    """A name keeps what else may have been said: it helps to find a known person."""
    if not isinstance(act, Fill) or not any(isinstance(value, PersonName) for value in act.candidates):
        return act
    made = (replace(value, heard=readings) if isinstance(value, PersonName) else value for value in act.candidates)
    return replace(act, candidates=tuple(made))


def _is_courtesy(act: Act, calls: Sequence[Global]) -> bool:
    """A yes or no that is part of the words of a global ("that's all")."""
    return isinstance(act, Affirm | Deny) and any(
        call.span.start <= act.span.start and act.span.end <= call.span.end for call in calls
    )
