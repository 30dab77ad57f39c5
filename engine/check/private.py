"""What nobody may keep or overhear: recordings wait for leave, and hidden values are neither read out nor logged.

That a value stays hidden is shown by two calls side by side that differ in nothing but the hidden part of the value:
what is said and what is written to the log must be the same in both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from engine.acts import Affirm, Deny, Exclude, Fill, Global
from engine.check.explore import Space
from engine.check.moves import HEARS, Where
from engine.check.nearness import Nearness
from engine.check.promises import Fault
from engine.check.replay import Scene
from engine.check.slices import SlotKnown
from engine.check.speech import said_at
from engine.check.states import asked, at, fits, seen_at, slot_states
from engine.check.watch import Memory, witness
from engine.dialogue.asking import records
from engine.dialogue.doing import call_tool, take_message, transfer
from engine.dialogue.draft import PLACEHOLDER, Draft
from engine.dialogue.machine import Node
from engine.dialogue.state import SlotState, State
from engine.dialogue.step import step
from engine.effects import Effect, Listen, Prompt, Record, Say, Transfer
from engine.events import Digits, Event, Heard, Silence
from engine.flow.model import ConfirmStep, PromptText, Slot, TransferStep
from engine.kinds import item_of
from engine.persona.prompts import render
from engine.watch.masking import Masker

Twins: TypeAlias = tuple[tuple[object, ...], ...]
"""Good values of a slot in one call, and those in the other."""
_UNSURE = 0.5
_LAST = 3
_KEYED = ("phone", "digits")


@dataclass(slots=True)
class Private:
    """The proof of one flow; `states` counts the states that it looked at."""

    where: Scene
    near: Nearness
    space: Callable[[Slot], Space]
    """Everything that a proof comes to about a slot."""
    states: int = 0

    def faults(self) -> Iterator[Fault]:
        yield from self._leave()
        yield from self._announced()
        for slot in self.where.compiled.flow.slots.values():
            if slot.sensitive or slot.speech != "full":
                yield from self._hidden(slot)
        yield from self._results()

    # recordings

    def _leave(self) -> Iterator[Fault]:
        """Nothing but a yes to a consent starts a recording, and nothing but a yes lets it go on."""
        places = {position: where for position, where, _ in self.near.space.came}
        for position, place in places.items():
            kind = self.where.compiled.nodes[position].kind
            if kind not in HEARS:
                continue
            for consent in (False, True) if kind == "consent" else (False,):
                self.states += 1
                before, _ = asked(self.where, replace(at(self.where, position, place, {}), consent=consent))
                for event in _plain_events(before, kind == "consent"):
                    after, effects = step(self.where.compiled, before, event, self.where.now)
                    _, broken = witness(self.where.compiled, Memory(), before, event, after, effects)
                    yield from (Fault("private", position, position, b.words) for b in broken if b.promise == "private")

    def _announced(self) -> Iterator[Fault]:
        """Who is recorded with an answer or a message has heard the whole of a prompt that says so."""
        for position in dict.fromkeys(position for position, _, _ in self.near.space.came):
            node = self.where.compiled.nodes[position]
            state = replace(at(self.where, position, Where(), {}), open_speech=False)
            draft = Draft(self.where.compiled, state, self.where.now)
            if node.kind == "message":
                take_message(draft, node)
            elif records(draft, node):
                state, effects = asked(self.where, state)
                yield from _unannounced(position, effects)
                continue
            else:
                continue
            self.states += 1
            yield from _unannounced(position, draft.finish()[1])

    # hidden values

    def _hidden(self, slot: Slot) -> Iterator[Fault]:
        course = self.near.course
        space = self.space(slot)
        done: set[Hashable] = set()
        told: set[str] = set()
        for position, place, known in seen_at(space):
            node = course.nodes[position]
            like = (node.kind, node.slot, getattr(node.step, "ladder", None)) if node.slot else position
            own = node.slot == slot.name
            alike = (known if own else (known.settled, known.valued, known.closed), like)
            if alike in done or not self._concerns(node, slot):
                continue
            done.add(alike)
            for words in self._parted(slot, node, place, known):
                if words not in told:
                    told.add(words)
                    yield Fault("private", position, slot.name, words)

    def _parted(self, slot: Slot, node: Node, place: Where, known: SlotKnown) -> Iterator[str]:
        """How two calls that come here with different values can be told apart."""
        for twins, said, logged in self._twins(slot):
            pairs = zip(*(slot_states(known, good, good[:1]) for good in twins), strict=True)
            for pair in pairs:
                if node.slot != slot.name or fits(node.kind, pair[0], slot.offer is not None):
                    self.states += 1
                    yield from self._differ(slot, node, place, pair, twins, said, logged)

    def _twins(self, slot: Slot) -> Iterator[tuple[Twins, bool, bool]]:
        """Two sets of values that differ in what must not be said, or logged."""
        good = self.where.values[slot.name].good
        digits = tuple(_other(value) for value in good)
        hidden = slot.speech != "full"
        if not good:
            return
        yield (good, digits if digits != good else good[1:] + good[:1]), hidden, slot.sensitive

    def _concerns(self, node: Node, slot: Slot) -> bool:
        """Whether anything that is said, called or handed over at a state can be about a slot."""
        step_ = node.step
        own = node.slot == slot.name or (isinstance(step_, ConfirmStep) and slot.name in step_.slots)
        tool = self.near.course.tool(node)
        takes = tool is not None and slot.name in tool.takes.values()
        given = isinstance(step_, TransferStep) and slot.name in step_.context
        said = said_at(self.near.course, node.name)
        return own or takes or given or any(_names(prompt, slot.name) for prompt in said)

    def _differ(
        self, slot: Slot, node: Node, place: Where, pair: tuple[SlotState, ...],
        twins: Twins, said: bool, logged: bool,
    ) -> Iterator[str]:  # fmt: skip
        states = [at(self.where, node.name, place, {slot.name: one}) for one in pair]
        if pair[0].value is not None:
            states = [replace(s, closed={slot.name: one.value}) for s, one in zip(states, pair, strict=True)]
        if slot.offer is not None:
            states = [replace(s, caller=str(good[0])) for s, good in zip(states, twins, strict=True)]
        calls = [self._call(state, slot, good) for state, good in zip(states, twins, strict=True)]
        for left, right in zip(*calls, strict=False):
            if logged and left.logged != right.logged:
                yield f"`{slot.name}` stands in the log in full at `{node.name}`"
            for (prompt, one), (_, other) in zip(left.said, right.said, strict=False):
                if said and one != other:
                    yield f"`{prompt}` reads `{slot.name}` out in full"

    def _call(self, state: State, slot: Slot, good: tuple[object, ...]) -> list[_Turn]:
        """What is said and logged at a state, and after everything that a caller may do there."""
        compiled, masker = self.where.compiled, Masker(self.where.compiled.flow)
        node, aloud = compiled.nodes[state.position], slot.speech != "full"
        draft = Draft(compiled, state, self.where.now)
        match node.kind:
            case "call" | "check":
                call_tool(draft, node)
            case "transfer":
                transfer(draft, node)
            case kind if kind not in HEARS:
                for prompt in said_at(self.near.course, node.name):
                    draft.say(draft.prompt(prompt))
            case _:
                return self._asked(state, slot, good)
        _, effects = draft.finish()
        return [self._turn(masker, (), effects, aloud)]

    def _asked(self, state: State, slot: Slot, good: tuple[object, ...]) -> list[_Turn]:
        before, effects = asked(self.where, state)
        aloud = slot.speech != "full"
        masker = Masker(self.where.compiled.flow)
        turns = [self._turn(masker, (), effects, aloud)]
        if not isinstance(before.waiting, Listen):
            return turns
        if before.waiting.expecting.asked == slot.name and slot.type in _KEYED:
            turns.append(_Turn((), (masker.event(Digits(before.turn, str(good[0]).strip("+"))),)))
        for event in _curious(before.waiting.turn, slot, good):
            masker.effect(before.waiting)
            after, effects = step(self.where.compiled, before, event, self.where.now)
            turns.append(self._turn(masker, (event,), effects, aloud))
            if isinstance(event, Heard) and not event.acts and isinstance(after.waiting, Listen):
                _, effects = step(self.where.compiled, after, Heard(after.waiting.turn, ""), self.where.now)
                turns.append(self._turn(masker, (), effects, aloud))
        return turns

    def _turn(self, masker: Masker, events: Sequence[Event], effects: Sequence[Effect], aloud: bool) -> _Turn:
        language, now = self.where.compiled.flow.language, self.where.now
        logged: list[object] = [masker.event(event) for event in events]
        said: list[tuple[str, str]] = []
        for effect in effects:
            logged.append(masker.effect(effect))
            if aloud and isinstance(effect, Say):
                said += [(prompt.id, _aloud(prompt, language, now)) for prompt in effect.prompts]
            if isinstance(effect, Transfer):
                said.append(("the summary", effect.summary))
        return _Turn(tuple(said), tuple(logged))

    def _results(self) -> Iterator[Fault]:
        """What a tool brings is as hidden as a slot of its type."""
        flow = self.where.compiled.flow
        kinds = {slot.item for slot in flow.slots.values() if slot.speech != "full"}
        hidden = {n for n, kind in self.where.compiled.result_types.items() if item_of(kind) in kinds}
        for position in dict.fromkeys(position for position, _, _ in self.near.space.came) if hidden else ():
            for prompt in said_at(self.near.course, position):
                self.states += 1
                for match in (m for variant in prompt.variants for m in PLACEHOLDER.finditer(variant.text)):
                    if match[1] in hidden and match[2] != ":last3":
                        yield Fault("private", position, match[1], f"`{prompt.id}` reads `{match[1]}` out in full")


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a caller hears, prompt by prompt, and what the log keeps."""

    said: tuple[tuple[str, str], ...]
    logged: tuple[object, ...]


def _aloud(prompt: Prompt, language: str, now: datetime) -> str:
    """The words that a caller hears; the text itself where a value is missing, which `filled` is about."""
    named = [prompt.values.get(match[1]) for match in PLACEHOLDER.finditer(prompt.text)]
    if any(typed is None or typed.value is None for typed in named):
        return prompt.text
    return render(prompt, language, now)


def _other(value: object) -> object:
    """The same but for what must not be said: all digits before the last three."""
    if not isinstance(value, str) or not value.strip("+").isdigit():
        return value
    head, last = value[:-_LAST], value[-_LAST:]
    return "".join(str((int(sign) + 1) % 10) if sign.isdigit() else sign for sign in head) + last


def _names(prompt: PromptText, name: str) -> bool:
    return any(match[1] == name for variant in prompt.variants for match in PLACEHOLDER.finditer(variant.text))


def _plain_events(state: State, all_of_them: bool) -> Iterator[Event]:
    if isinstance(state.waiting, Listen):
        turn = state.waiting.turn
        yield Heard(turn, "", (Affirm(),))
        if all_of_them:
            yield from (Heard(turn, "", (Deny(),)), Heard(turn, ""), Silence(turn))
            yield from (Digits(turn, "1"), Digits(turn, "2"))


def _curious(turn: int, slot: Slot, good: tuple[object, ...]) -> Iterator[Event]:
    """Whatever may make us say something about a value."""
    yield from (Heard(turn, ""), Silence(turn), Heard(turn, "", (Global("help"),)))
    yield Heard(turn, str(good[0]), (Fill(slot.name, good[:1], confidence=_UNSURE),))
    yield Heard(turn, str(good[0]), (Fill(slot.name, good),))
    yield Heard(turn, str(good[0]), (Exclude(slot.name, good[0]),))


def _unannounced(position: str, effects: Sequence[Effect]) -> Iterator[Fault]:
    says = [effect for effect in effects if isinstance(effect, Say)]
    for effect in effects:
        if isinstance(effect, Record) and not any(say.prompts and not say.interruptible for say in says):
            yield Fault("private", position, position, f"`{position}` records what is said before the caller was told")
