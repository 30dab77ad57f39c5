"""A copy of a flow that says which branch was taken and which wording was said, and behaves the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from engine.check.data import Rows
from engine.flow.guards import Condition, Or
from engine.flow.model import (
    Branch,
    ChooseStep,
    Flow,
    Ladder,
    PromptText,
    SayStep,
    Slot,
    Step,
    Variant,
)

SIGN: Final = "\u2063"
"""A sign that no author writes; nobody hears the marked copy."""
_FIELDS: Final = ("say", "ask", "notice")


@dataclass(frozen=True, slots=True)
class Arm:
    """One wording or branch that a caller should be able to come to. `number` is its place among the `rows`, `owner`
    the step, slot or answer that it belongs to, `prompt` the prompt's id, empty for a branch."""

    mark: str
    owner: str
    prompt: str
    number: int
    source: int
    """The number of the author's wording or branch; that of the `else` is one more than the last."""
    part: int
    rows: Rows

    @property
    def when(self) -> Condition | None:
        return self.rows.tests[self.number]

    @property
    def after(self) -> int:
        return self.rows.after[self.number] if self.rows.after else 0


@dataclass
class Marking:
    """The marked copy in the making."""

    arms: list[Arm] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    """Steps of the copy's own, by which branches lead."""

    def arm(self, owner: str, prompt: str, number: int, row: _Row | None, rows: Rows) -> str:
        mark = f"{SIGN}{len(self.arms)}{SIGN}"
        source, part = (row.source, row.part) if row is not None else (len(rows.tests) - 1, 0)
        self.arms.append(Arm(mark, owner, prompt, number, source, part, rows))
        return mark

    def prompt(self, owner: str, prompt: PromptText) -> PromptText:
        """The prompt with a mark in every wording, and a wording for every part of an `or`; unchanged where there is
        nothing to choose."""
        if len(prompt.variants) < 2:
            return prompt
        rows = _parted([(one.when, one.after) for one in prompt.variants])
        seen = Rows(tuple(row.when for row in rows), tuple(row.after for row in rows))
        variants: list[Variant] = []
        for number, row in enumerate(rows):
            one = prompt.variants[row.source]
            text = f"{one.text}{self.arm(owner, prompt.id, number, row, seen)}"
            variants.append(replace(one, when=row.when, text=text))
        return PromptText(prompt.id, tuple(variants))

    def choose(self, step: ChooseStep) -> ChooseStep:
        """The step with a marked step behind each branch."""
        rows = _parted([(one.when, 0) for one in step.branches])
        seen = Rows((*(row.when for row in rows), None))
        branches: list[Branch] = []
        for number, row in enumerate(rows):
            assert row.when is not None
            one = step.branches[row.source]
            branches.append(replace(one, when=row.when, go=self._by(step, number, row, seen, one.go)))
        otherwise = self._by(step, len(rows), None, seen, step.otherwise)
        return replace(step, branches=tuple(branches), otherwise=otherwise)

    def _by(self, step: ChooseStep, number: int, row: _Row | None, rows: Rows, target: str) -> str:
        mark = self.arm(step.name, "", number, row, rows)
        name = f"{step.name}{mark}"
        self.steps[name] = SayStep(name, step.at, PromptText(name, (Variant(mark),)), target)
        return name


class _Row(NamedTuple):
    """A condition, how often must have been said before, whose it is, and which part of it from 1."""

    when: Condition | None
    after: int
    source: int
    part: int


def _parted(rows: list[tuple[Condition | None, int]]) -> list[_Row]:
    """The rows, with those that hold for one reason or another taken apart."""
    found: list[_Row] = []
    for source, (when, after) in enumerate(rows):
        if when is None or not isinstance(when.test, Or):
            found.append(_Row(when, after, source, 0))
            continue
        parts = enumerate(when.test.tests, 1)
        found += [_Row(Condition(when.text, test), after, source, number) for number, test in parts]
    return found


def marked(flow: Flow) -> tuple[Flow, tuple[Arm, ...]]:
    """The marked copy of a flow, and everything in it that a caller should be able to come to."""
    marking = Marking()
    slots = {name: _slot(marking, slot) for name, slot in flow.slots.items()}
    answers = {name: replace(answer, say=marking.prompt(name, answer.say)) for name, answer in flow.answers.items()}
    steps = {name: _step(marking, step) for name, step in flow.steps.items()}
    repair = replace(flow.repair, ladder=_ladder(marking, "", flow.repair.ladder))
    copy = replace(flow, slots=slots, answers=answers, steps={**steps, **marking.steps}, repair=repair)
    return copy, tuple(marking.arms)


def _slot(marking: Marking, slot: Slot) -> Slot:
    changed: Mapping[str, Any] = {
        "ask": marking.prompt(slot.name, slot.ask),
        "reject": {why: marking.prompt(slot.name, prompt) for why, prompt in slot.reject.items()},
        "ladder": _ladder(marking, slot.name, slot.ladder),
        "help": marking.prompt(slot.name, slot.help) if slot.help is not None else None,
    }
    return replace(slot, **changed)


def _step(marking: Marking, step: Step) -> Step:
    if isinstance(step, ChooseStep):
        return marking.choose(step)
    change: Callable[[PromptText], PromptText] = lambda prompt: marking.prompt(step.name, prompt)  # noqa: E731
    found: dict[str, Any] = {}
    for name in _FIELDS:
        prompt = getattr(step, name, None)
        if isinstance(prompt, PromptText):
            found[name] = change(prompt)
    ladder = getattr(step, "ladder", None)
    if ladder is not None:
        found["ladder"] = _ladder(marking, step.name, ladder)
    return replace(step, **found) if found else step


def _ladder(marking: Marking, owner: str, ladder: Ladder) -> Ladder:
    return replace(
        ladder,
        nomatch=tuple(marking.prompt(owner, prompt) for prompt in ladder.nomatch),
        noinput=tuple(marking.prompt(owner, prompt) for prompt in ladder.noinput),
    )
