"""Words that mean given acts: what a caller would say, proven by what the flow's own understanding makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, product
from typing import Any, Final

from engine.acts import SURE, Affirm, Ask, Deny, Exclude, Fill, Global, Want
from engine.acts import Act as CallerAct
from engine.dialogue.state import State
from engine.dialogue.step import step
from engine.effects import Expecting, Listen, Prompt, Typed
from engine.events import Heard
from engine.flow.model import ListenStep
from engine.persona.prompts import render
from engine.simulate.stage import Stage

_PLAIN: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "affirm": ("yes", "yes, please", "yes, that's right"),
        "deny": ("no", "no, thank you", "no, that's wrong"),
        "operator": ("I'd like to talk to a person", "a real person, please"),
        "help": ("what can I say", "help"),
        "repeat": ("could you say that again", "pardon"),
        "slower": ("slower, please", "slower"),
        "back": ("go back", "back"),
        "start_over": ("start over", "start again"),
        "never_mind": ("never mind", "forget it"),
        "hold_on": ("hold on a second", "just a moment"),
        "goodbye": ("goodbye", "bye"),
        "nothing": ("the purple elephant sings", "bla bla bla"),
        "value": ("{}", "{}, please", "it's {}", "make it {}", "no, {}", "I meant {}"),
    },
    "de": {
        "affirm": ("ja", "ja, bitte"), "deny": ("nein", "nein, danke"),
        "operator": ("ich möchte mit jemandem sprechen",), "help": ("Hilfe",),
        "repeat": ("wie bitte",), "slower": ("langsamer bitte",), "back": ("zurück",),
        "start_over": ("von vorne",), "never_mind": ("vergessen Sie es",), "hold_on": ("einen Moment",),
        "goodbye": ("auf Wiederhören",), "nothing": ("bla bla bla",), "value": ("{}", "nein, {}"),
    },
    "es": {
        "affirm": ("sí", "sí, por favor"), "deny": ("no", "no, gracias"),
        "operator": ("quiero hablar con una persona",), "help": ("ayuda",),
        "repeat": ("repita, por favor",), "slower": ("más despacio",), "back": ("atrás",),
        "start_over": ("empezar de nuevo",), "never_mind": ("olvídelo",), "hold_on": ("un momento",),
        "goodbye": ("adiós",), "nothing": ("bla bla bla",), "value": ("{}", "no, {}"),
    },
}  # fmt: skip
_SHAPELESS: Final = ("phone", "digits", "person_name", "text", "number")
"""Types whose values sound like others."""
_MOST: Final = 400
"""Ways of saying one thing that are tried."""


class Sayings:
    """What callers of one flow say. The same question always gets the same words."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.plain = _PLAIN.get(stage.flow.language.partition("-")[0], _PLAIN["en"])
        self._known: dict[Any, str | None] = {}

    def words(self, state: State, acts: Sequence[CallerAct], now: datetime, variety: int = 0) -> str | None:
        """Words that do at this moment of a conversation what the acts do, or None where no words were found.
        `variety` is a number that makes callers speak differently."""
        listen = state.waiting
        if not isinstance(listen, Listen):
            return None
        wanted = _seen(self._after(state, tuple(acts), now))
        for number, words in enumerate(self._ways(acts, listen.expecting, now, variety)):
            if number >= _MOST:
                break
            understood = self.stage.understand(words, listen.expecting, now).acts
            if _kinds(understood) == _kinds(acts) and _seen(self._after(state, understood, now)) == wanted:
                return words
        return None

    def _after(self, state: State, acts: tuple[CallerAct, ...], now: datetime) -> State:
        assert isinstance(state.waiting, Listen)
        return step(self.stage.compiled, state, Heard(state.waiting.turn, "", acts), now)[0]

    def _ways(
        self, acts: Sequence[CallerAct], expecting: Expecting, now: datetime, variety: int
    ) -> Iterator[str]:
        if not acts:
            yield from _turned(self.plain["nothing"], variety)
            return
        values = [act for act in acts if isinstance(act, Fill)]
        if len(values) == len(acts) and len(values) > 1:
            texts = [self._named(act.slot, act.candidates[0], now) for act in values]
            for parts in islice(product(*texts), _MOST // 2):
                yield ", ".join(parts)
            for parts in product(*reversed(texts)):
                yield ", ".join(parts)
            return
        if len(acts) == 1:
            yield from self._single(acts[0], expecting, now, variety)

    def _single(self, act: CallerAct, expecting: Expecting, now: datetime, variety: int) -> Iterator[str]:
        flow = self.stage.flow
        match act:
            case Affirm() | Deny():
                yield from _turned(self.plain["affirm" if isinstance(act, Affirm) else "deny"], variety)
            case Global(name):
                yield from _turned(self.plain[name], variety)
            case Ask(name):
                yield from _turned(flow.answers[name].hear, variety)
            case Want(name):
                yield from _turned([text for text in self._intent(name, expecting) if "{" not in text], variety)
            case Fill(slot, candidates) if len(candidates) == 1 and act.confidence >= SURE:
                for frame, value in product(self.plain["value"], self._value(slot, candidates[0], now)):
                    yield frame.format(value)
            case Exclude(slot, value):
                yield from (f"not {text}" for text in self._value(slot, value, now))

    def _intent(self, name: str, expecting: Expecting) -> Sequence[str]:
        flow = self.stage.flow
        step_ = flow.steps.get(expecting.step)
        if isinstance(step_, ListenStep) and name in step_.intents:
            return (*step_.intents[name].hear, step_.intents[name].label)
        if name in flow.anywhere:
            return flow.anywhere[name].hear
        return (flow.slots[name].label, flow.slots[name].label.replace("the ", "")) if name in flow.slots else ()

    def _value(self, slot: str, value: object, now: datetime) -> Sequence[str]:
        """Ways of saying a value, the shortest first."""
        definition = self.stage.flow.slots[slot]
        if definition.type == "choice":
            found = [(one.label, *one.hear) for one in definition.options.get("choices", ()) if one.value == value]
            return [text for texts in found for text in texts]
        read = self._read(definition.type, value, now)
        plain = read[:1].lower() + read[1:] if definition.type != "person_name" and read[:4] == "The " else read
        texts = [plain.replace(",", ""), plain]
        if definition.type in ("date", "time"):
            texts.insert(0, plain.partition(" in the ")[0])
            texts += [f"the {plain.partition(' the ')[2]}", plain.partition(" ")[0]]
        if definition.type == "party_size":
            texts += [str(value), f"a table for {value}"]
        return [text for text in dict.fromkeys(texts) if text]

    def _named(self, slot: str, value: object, now: datetime) -> Sequence[str]:
        """Ways of saying a value among others: what has no shape of its own is called by its name."""
        plain, kind = self._value(slot, value, now), self.stage.flow.slots[slot].type
        if kind not in _SHAPELESS:
            return plain
        label = self.stage.flow.slots[slot].label
        return [frame.format(text) for text in plain for frame in (f"{label} is {{}}", "{}")]

    def voiced(self, slot: str, value: object, now: datetime) -> object:
        """The value that callers give who say this one aloud: a number without its country, for instance."""
        expecting = Expecting("", "slot", asked=slot, open=(slot,))
        kind = self.stage.flow.slots[slot].type
        for text in self._value(slot, value, now):
            for act in self.stage.understand(text, expecting, now).acts:
                if isinstance(act, Fill) and len(act.candidates) == 1:
                    same = self._read(kind, act.candidates[0], now) == self._read(kind, value, now)
                    return act.candidates[0] if same else value
        return value

    def _read(self, kind: str, value: object, now: datetime) -> str:
        prompt = Prompt("saying", "{value}", {"value": Typed(kind, value)})
        text = render(prompt, self.stage.flow.language, now)
        return text if kind in ("person_name", "date") else text[:1].lower() + text[1:]


def _turned(texts: Sequence[str], variety: int) -> Iterator[str]:
    """All of them, beginning at another one each time."""
    start = variety % len(texts) if texts else 0
    yield from (*texts[start:], *texts[:start])


def _kinds(acts: Sequence[CallerAct]) -> list[Any]:
    """Acts without how they were said."""
    shown = []
    for act in acts:
        match act:
            case Fill(slot):
                shown.append(("fill", slot))
            case Exclude(slot):
                shown.append(("exclude", slot))
            case _:
                shown.append((type(act).__name__, str(replace(act, span=type(act.span)(), confidence=1.0))))
    return sorted(shown)


def _seen(state: State) -> tuple[Any, ...]:
    """What of a conversation must be the same, whatever the words."""
    slots = {
        name: (slot.status, slot.value, slot.refused, slot.candidates, slot.skipped, slot.verified, slot.beyond)
        for name, slot in state.slots.items()
    }
    waiting = type(state.waiting).__name__
    return state.position, slots, dict(state.counters), waiting, state.form, state.home, state.failures, state.ended
