"""What is different between two versions of a flow for those who call: facts of each, compared one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from engine.check.words import prompts_of
from engine.flow.calendar import Calendar, Hours
from engine.flow.duration import duration_text
from engine.flow.hours import DAYS
from engine.flow.model import (
    Check,
    ChooseStep,
    Flow,
    FormStep,
    Intent,
    Limit,
    ListenStep,
    PromptText,
    Slot,
    Step,
    Tool,
    Variant,
)

Kind: TypeAlias = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a flow says about one of its parts; `name` is the part's, `about` what of it (empty: that it is
    there at all)."""

    what: str
    name: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """`old` is empty for what was added, `new` for what was removed."""

    kind: Kind
    what: str
    name: str
    about: str
    old: str
    new: str

    def __str__(self) -> str:
        name = f"{self.what} {self.name}" + (f", {self.about}" if self.about else "")
        match self.kind:
            case "added":
                return f"added    {name}" + (f": {self.new}" if self.new else "")
            case "removed":
                return f"removed  {name}" + (f": {self.old}" if self.old else "")
            case "changed":
                return f"changed  {name}: {self.old} -> {self.new}"


def changes(old: Flow, new: Flow) -> tuple[Change, ...]:
    """Everything that callers of the new version may notice, part by part. Of a part that is new or gone only that
    is said; moved lines, comments and names of files make no difference."""
    before, after = dict(_facts(old)), dict(_facts(new))
    found = []
    for fact in dict.fromkeys((*before, *after)):
        change = _change(fact, before, after)
        if change is not None:
            found.append(change)
    return tuple(found)


def _change(fact: Fact, before: Mapping[Fact, str], after: Mapping[Fact, str]) -> Change | None:
    whole = Fact(fact.what, fact.name)
    if fact != whole and (whole in before) != (whole in after):
        return None
    if before.get(fact) == after.get(fact):
        return None
    kind: Kind = "added" if fact not in before else "removed" if fact not in after else "changed"
    return Change(kind, fact.what, fact.name, fact.about, before.get(fact, ""), after.get(fact, ""))


_Facts: TypeAlias = Iterator[tuple[Fact, str]]


def _facts(flow: Flow) -> _Facts:
    for about in ("name", "language", "timezone", "persona", "start", "operator"):
        yield Fact("flow", about), getattr(flow, about)
    for about in ("failures", "turns", "minutes"):
        yield Fact("flow", f"most {about}"), f"{getattr(flow.repair, about):g}"
    for name, step in flow.steps.items():
        yield from _step(name, step)
    for prompt in prompts_of(flow):
        yield Fact("prompt", prompt.id), _said(prompt)
    for name, slot in flow.slots.items():
        yield from _slot(name, slot)
    for name, intent in flow.anywhere.items():
        yield Fact("anywhere", name), ""
        yield from ((Fact("anywhere", name, about), text) for about, text in _intent(intent))
    for name, answer in flow.answers.items():
        yield Fact("answer", name), ""
        yield Fact("answer", name, "phrases"), _listed(answer.hear)
    for name, tool in flow.tools.items():
        yield from _tool(name, tool)
    for name, calendar in flow.calendars.items():
        yield from _calendar(name, calendar)
    for name, resource in flow.resources.items():
        yield Fact("resource", name), ""
        yield from ((Fact("resource", name, about), text) for about, text in _flat(resource))


def _said(prompt: PromptText) -> str:
    return " | ".join(map(_wording, prompt.variants))


def _wording(variant: Variant) -> str:
    when = f"({variant.when.text}) " if variant.when else ""
    after = f"(after {variant.after}) " if variant.after else ""
    return f"{when}{after}{variant.text}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _step(name: str, step: Step) -> _Facts:
    yield Fact("step", name), type(step).__name__.removesuffix("Step").lower()
    facts: list[tuple[str, str]] = []
    for field in fields(step):
        value = getattr(step, field.name)
        if field.name in ("name", "at", "end_line", "ladder", "on", "intents", "branches", "checks"):
            continue
        if isinstance(value, tuple) and value:
            facts.append((field.name, _listed(value)))
        elif isinstance(value, str | float):
            facts.append((field.name, str(value)))
    ladder = getattr(step, "ladder", None)
    if ladder is not None and ladder.then:
        facts.append(("after the last try", ladder.then))
    facts += [(f"on {outcome}", target) for outcome, target in getattr(step, "on", {}).items()]
    if isinstance(step, ListenStep):
        facts += [(f"{i.name}: {about}", text) for i in step.intents.values() for about, text in _intent(i)]
    if isinstance(step, ChooseStep):
        facts.append(("branches", "; ".join(f"if {branch.when.text}: {branch.go}" for branch in step.branches)))
    if isinstance(step, FormStep):
        facts += [fact for check in step.checks for fact in _check(check)]
    yield from ((Fact("step", name, about), text) for about, text in facts)


def _intent(intent: Intent) -> Iterator[tuple[str, str]]:
    yield "leads to", intent.go
    yield "phrases", _listed(intent.hear)
    yield "key", intent.key or "none"
    yield "urgent", _yes(intent.urgent)


def _check(check: Check) -> Iterator[tuple[str, str]]:
    yield f"check {check.call} after", _listed(check.after)
    yield from ((f"check {check.call} on {outcome}", target) for outcome, target in check.on.items())


def _slot(name: str, slot: Slot) -> _Facts:
    yield Fact("slot", name), slot.type
    facts: dict[str, Any] = {"smallest": _limit(slot.min), "largest": _limit(slot.max), "label": slot.label}
    for about in ("earliest", "latest", "open", "confirm", "offer", "keypad", "speech"):
        facts[about] = getattr(slot, about)
    for about in ("optional", "only_when_asked", "sensitive"):
        facts[about] = _yes(getattr(slot, about))
    facts["depends_on"] = _listed(slot.depends_on)
    facts["after the last try"] = slot.ladder.then
    facts |= {f"rule {one.name}": one.when.text for one in slot.rules}
    for about, value in slot.options.items():
        facts[about] = str(value) if about != "choices" else "; ".join(f"{c.label} ({_listed(c.hear)})" for c in value)
    yield from ((Fact("slot", name, about), str(value)) for about, value in facts.items() if value not in (None, ""))


def _limit(limit: Limit | None) -> str | None:
    if limit is None:
        return None
    return f"{limit.value}, then {limit.then}" if limit.then else str(limit.value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _tool(name: str, tool: Tool) -> _Facts:
    yield Fact("tool", name), tool.does
    yield Fact("tool", name, "with"), _listed(f"{key}: {value}" for key, value in tool.takes.items())
    yield Fact("tool", name, "deadline"), f"{tool.deadline:g} s"
    yield Fact("tool", name, "commits"), _yes(tool.commits)
    yield Fact("tool", name, "resource"), tool.resource or ""
    for outcome, values in tool.outcomes.items():
        yield Fact("tool", name, f"outcome {outcome}"), _listed(f"{key}: {kind}" for key, kind in values.items())


def _calendar(name: str, calendar: Calendar) -> _Facts:
    yield Fact("calendar", name), ""
    for index, day in enumerate(DAYS):
        yield Fact("calendar", name, day), _hours(calendar.week.get(index, ()))
    for date, hours in calendar.exceptions.items():
        yield Fact("calendar", name, date.isoformat()), _hours(hours)
    if calendar.last:
        yield Fact("calendar", name, "last"), f"{duration_text(calendar.last)} before close"


def _hours(hours: Iterable[Hours]) -> str:
    return _listed(f"{opening.start:%H:%M}-{opening.end:%H:%M}" for opening in hours) or "closed"


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Plain data as lines of `path` and text."""
    match value:
        case dict():
            for key, below in value.items():
                yield from _flat(below, f"{path}.{key}" if path else str(key))
        case list():
            for number, below in enumerate(value, 1):
                yield from _flat(below, f"{path} {number}")
        case _:
            yield path, str(value)


def as_json(found: Iterable[Change]) -> list[dict[str, str]]:
    """The changes as `frontdesk check --against OLD --format json` gives them."""
    return [
        {"kind": one.kind, "what": one.what, "name": one.name, "about": one.about, "old": one.old, "new": one.new}
        for one in found
    ]
