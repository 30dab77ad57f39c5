"""Proves the promises of a flow for every caller, every understanding and every answer of tools and people.

What a slice cannot rule out is looked for in real conversations: a fault that one shows is an error, with that
conversation as a talk; a fault that none shows is a warning, because it is not proven either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, Literal, TypeAlias

from engine.check import control, data, pairs, private, total, worst
from engine.check.explore import Key, Slice, Space, explore
from engine.check.forms import fillable
from engine.check.moves import Course
from engine.check.promises import Fault, faults_at, slices_of
from engine.check.replay import FEW_STEPS, MOST_STEPS
from engine.check.rule import Subject
from engine.check.rules import RULES
from engine.check.showing import Stage, show, show_way
from engine.check.slices import AnswerSlice, CheckSlice, SlotSlice
from engine.check.words import locate, prompts_of
from engine.dialogue.machine import Compiled
from engine.errors import Finding
from engine.flow.model import ChooseStep
from engine.flow.reading import Reading
from engine.yaml.position import Place, Report, listed

Clock: TypeAlias = Callable[[], float]
"""Seconds from some moment on."""
Result: TypeAlias = Literal["holds", "fails", "open"]
"""`open`: neither proven nor shown to fail."""

PROMISES: Final = {
    "ends": "every call can end",
    "human": "a person, or a message out of hours, is reachable from everywhere",
    "bounded": "nobody who is not understood is led in a circle",
    "confirmed": "nothing is booked that was not read back, heard and said yes to",
    "once": "nothing is booked twice, or after a no",
    "fresh": "nothing is booked on a check that a correction made stale",
    "order": "answers may come in any order",
    "clean": "questions in between leave a conversation as it was",
    "awake": "every state speaks, waits with a timer, or moves on",
    "filled": "every placeholder and every argument of a tool has a value",
    "total": "every branch and every wording can be reached",
    "distinct": "choices do not overlap, and keys are unique",
    "wired": "every outcome leads somewhere, and not to itself",
    "private": "nothing is recorded before consent, and nothing hidden is read out",
    "open": "every slot has a value that can be given",
}
_DISTINCT: Final = ("same-phrase", "same-key", "key-zero", "same-intent")
_SHOWN: Final = 3
"""Faults of one promise that are shown by a talk of their own."""


@dataclass(frozen=True, slots=True)
class Proof:
    promise: str
    states: int
    seconds: float
    result: Result
    pairs: int = 0
    """Pairs of runs that were compared."""

    @property
    def words(self) -> str:
        return PROMISES[self.promise]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A fault, and the talk that shows it; without one it is only not ruled out."""

    fault: Fault
    talk: str | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Proofs:
    proofs: tuple[Proof, ...]
    suspects: tuple[Suspect, ...]
    worst_case_prompts: int
    """The most failed prompts that a caller can hear before help, by counting."""
    in_a_row: int
    worst_call: int
    """How many a real call came to."""

    @property
    def failed(self) -> frozenset[str]:
        """Promises that are shown to be broken."""
        return frozenset(suspect.fault.promise for suspect in self.suspects if suspect.certain)


@dataclass
class _Work:
    """What was found so far, with the time that it took."""

    clock: Clock
    states: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    pairs: dict[str, int] = field(default_factory=dict)
    suspects: list[Suspect] = field(default_factory=list)

    def spend(self, promise: str, begun: float, states: int) -> None:
        self.seconds[promise] = self.seconds.get(promise, 0.0) + self.clock() - begun
        self.states[promise] = self.states.get(promise, 0) + states

    def result(self, promise: str) -> Result:
        found = [suspect.certain for suspect in self.suspects if suspect.fault.promise == promise]
        return "fails" if any(found) else "open" if found else "holds"


def prove(compiled: Compiled, clock: Clock, reading: Reading | None = None) -> Proofs:
    """All promises of a compiled flow. `reading` knows where phrases and keys stand; without it `distinct` is left
    out."""
    course = Course(compiled)
    stage = Stage(course)
    work = _Work(clock)
    _prove_data(stage, work)
    way = _prove_ways(stage, work)
    _prove_slices(stage, work)
    if reading is not None:
        begun = clock()
        work.suspects += [Suspect(fault) for fault in _overlaps(Subject(compiled.flow, reading))]
        work.spend("distinct", begun, len(compiled.flow.steps))
    proofs = tuple(
        Proof(name, work.states[name], work.seconds[name], work.result(name), work.pairs.get(name, 0))
        for name in PROMISES
        if name in work.states
    )
    unlucky = worst.unlucky_call(stage.scenes[0]).state.failures
    return Proofs(proofs, tuple(work.suspects), worst.worst_case(way), worst.in_a_row(way), unlucky)


def _prove_slices(stage: Stage, work: _Work) -> None:
    hopeless = any(suspect.certain and suspect.fault.promise == "open" for suspect in work.suspects)
    shown: dict[str, int] = {}
    for _, cut in slices_of(stage.course):
        begun = work.clock()
        space = stage.slot_space(cut.slot)[1] if isinstance(cut, SlotSlice) else explore(stage.course, cut)
        goals: dict[Fault, dict[Key, Fault]] = {}
        for key in space.came:
            for fault in faults_at(stage.course, cut, key):
                goals.setdefault(fault, {})[key] = fault
        promises = _promises_of(cut)
        work.spend(promises[0], begun, len(space.came))
        for other in promises[1:]:
            work.spend(other, work.clock(), len(space.came))
        for fault, keys in goals.items():
            begun = work.clock()
            stage.most = FEW_STEPS if hopeless or fault.promise in shown else MOST_STEPS
            _suspect(stage, work, cut, space, fault, keys, shown)
            work.spend(fault.promise, begun, 0)


def _promises_of(cut: Slice) -> tuple[str, ...]:
    """The promises that a slice decides, the one that its time is counted for first."""
    match cut:
        case SlotSlice():
            return ("confirmed", "filled")
        case CheckSlice():
            return ("fresh",)
        case AnswerSlice():
            return ("once", "confirmed")
    return ("filled",)


def _suspect(
    stage: Stage, work: _Work, cut: Slice, space: Space, fault: Fault, keys: dict[Key, Fault], shown: dict[str, int]
) -> None:
    """Shows the first faults of each promise; further ones would say the same, unless they name one more slot that the
    same call takes unconfirmed."""
    beside = fault.promise == "confirmed" and any(
        one.certain and one.fault.promise == fault.promise and one.fault.position == fault.position
        for one in work.suspects
    )
    if shown.get(fault.promise, 0) >= _SHOWN and not beside:
        return
    shown[fault.promise] = shown.get(fault.promise, 0) + 1
    real = show(stage, cut, space, keys, fault)
    work.suspects.append(Suspect(fault, real.talk if real else None, real is not None))


def _prove_ways(stage: Stage, work: _Work) -> control.Way:
    begun = work.clock()
    way = control.ways(stage.course)
    for promise, find in (
        ("ends", control.ends),
        ("human", control.human),
        ("bounded", control.bounded),
        ("awake", control.awake),
    ):
        faults = list(dict.fromkeys(find(way)))
        for fault in faults[: 2 * _SHOWN]:
            concrete = fault.position or fault.promise == "human"
            real = show_way(stage, fault) if concrete else None
            if real is None and concrete and _refuted(stage, find):
                break
            work.suspects.append(Suspect(fault, real.talk if real else None, real is not None or not concrete))
            if real is not None and promise == "bounded":
                break  # the others are questions of the same circle
        work.spend(promise, begun, len(way.moves))
        begun = work.clock()
    return way


def _refuted(stage: Stage, find: Callable[[control.Way], Iterator[Fault]]) -> bool:
    """Whether a promise about the way of a call holds as soon as one slot is looked at: one that a condition or a
    committing tool waits for."""
    flow = stage.course.flow
    names = {name for tool in flow.tools.values() if tool.commits for name in tool.takes.values()}
    for step in flow.steps.values():
        names |= {n for branch in getattr(step, "branches", ()) for n in branch.when.names}
    for slot in (slot for slot in flow.slots.values() if slot.name in names):
        cut, space = stage.slot_space(slot)
        if next(find(control.ways(stage.course, cut, space)), None) is None:
            return True
    return False


def _prove_data(stage: Stage, work: _Work) -> None:
    flow = stage.course.flow
    for promise, find, size in (
        ("open", data.opened, len(flow.slots)),
        ("wired", data.wired, len(flow.steps)),
    ):
        begun = work.clock()
        work.suspects += [Suspect(fault) for fault in find(flow)]
        work.spend(promise, begun, size)
    begun = work.clock()
    arms = total.Arms(flow)
    work.suspects += [Suspect(fault, certain=certain) for fault, certain in total.faults(arms)]
    work.spend("total", begun, arms.states)
    begun = work.clock()
    secrets = private.Private(stage.scenes[0], stage.near, lambda slot: stage.slot_space(slot)[1])
    work.suspects += [Suspect(fault) for fault in secrets.faults()]
    work.spend("private", begun, secrets.states)
    begun = work.clock()
    work.suspects += [Suspect(fault) for fault in fillable(stage)]
    work.spend("open", begun, 0)
    for promise in ("order", "clean"):
        begun = work.clock()
        compared = pairs.Pairs(stage.scenes[0], lambda slot: stage.slot_space(slot)[1])
        if "open" not in {suspect.fault.promise for suspect in work.suspects}:
            found = compared.order() if promise == "order" else compared.clean()
            work.suspects += [Suspect(fault) for fault in islice(found, _SHOWN)]
        work.spend(promise, begun, compared.states)
        work.pairs[promise] = compared.pairs


def _overlaps(subject: Subject) -> Iterator[Fault]:
    for code in _DISTINCT:
        for place, message, _ in RULES[code].find(subject):
            yield Fault("distinct", "", f"{place.file}:{place.line}:{place.column}", message)


def findings(proofs: Proofs, reading: Reading) -> tuple[Finding, ...]:
    """What the proofs found, at its place in the author's files. What `distinct` finds the rules say themselves, and
    doubts wait until what is certain has been mended."""
    report = Report(reading.report.sources)
    talks: dict[tuple[str, str], str | None] = {}
    for suspect in _joined(proofs.suspects):
        fault = suspect.fault
        if fault.promise == "distinct" or (proofs.failed and not suspect.certain):
            continue
        words = fault.words
        if not suspect.certain and fault.promise != "total":
            words = f"{words}: not proven, but not seen either"
        hint = _HINTS.get(fault.promise, "")
        if not suspect.certain and fault.promise == "total":
            hint = "Write a talk that comes there; where you find none, widen the condition."
        severity: Literal["error", "warning"] = "error" if suspect.certain else "warning"
        report.add(f"prove.{fault.promise}", severity, place_of(reading, fault), words, hint)
        talks[f"prove.{fault.promise}", words] = suspect.talk
    return tuple(_with_talk(found, talks) for found in report.found)


def _joined(suspects: Iterable[Suspect]) -> Iterator[Suspect]:
    """The suspects, with those that differ in nothing but the slot that a call takes unconfirmed as one: it names them
    all, and has their shortest talk."""
    groups: dict[tuple[str, ...], list[Suspect]] = {}
    for one in suspects:
        fault = one.fault
        part = f"`{fault.subject}` not confirmed"
        alike = fault.words.replace(part, "") if part in fault.words else f"{fault.words} {fault.subject}"
        groups.setdefault((fault.promise, fault.position, alike, str(one.certain)), []).append(one)
    for group in groups.values():
        first, subject = group[0], group[0].fault.subject
        if len(group) > 1:
            names = listed(dict.fromkeys(one.fault.subject for one in group))
            words = first.fault.words.replace(f"`{subject}` not confirmed", f"{names} not confirmed")
            talk = shortest(one.talk for one in group)
            first = Suspect(first.fault._replace(words=words), talk, first.certain)
        yield first


def shortest(talks: Iterable[str | None]) -> str | None:
    """The talk with the fewest lines, None where there is none."""
    return min((talk for talk in talks if talk), key=lambda talk: talk.count("\n"), default=None)


def _with_talk(found: Finding, talks: dict[tuple[str, str], str | None]) -> Finding:
    return replace(found, talk=talks.get((found.code, found.message)))


def place_of(reading: Reading, fault: Fault) -> Place:
    """Where the step or slot of a fault was written, as closely as the fault says."""
    step = fault.position.partition("/")[0]
    match fault.promise, fault.subject.split():
        case "total", ["wording", prompt, number]:
            return _wording(reading, prompt, int(number))
    if ("steps", step) in reading.entries:
        match fault.promise, fault.subject.split():
            case "wired", [outcome]:
                return reading.place("steps", step, "on", outcome)
            case "total", ["choose", number]:
                return _branch(reading, step, int(number))
        return reading.place("steps", step)
    for name in (fault.subject, fault.position):
        for section in ("slots", "tools", "steps", "calendars", "anywhere"):
            if (section, name) in reading.entries:
                return reading.place(section, name)
    return _operator(reading)


def _branch(reading: Reading, step: str, number: int) -> Place:
    known = reading.flow.steps.get(step) if reading.flow is not None else None
    if isinstance(known, ChooseStep) and number >= len(known.branches):
        return reading.place("steps", step, "else")
    return reading.place("steps", step, "choose", number, "if")


def _wording(reading: Reading, prompt: str, number: int) -> Place:
    """Where one of the wordings of a prompt was written."""
    for one in prompts_of(reading.flow) if reading.flow is not None else ():
        if one.id == prompt and number < len(one.variants):
            variant = one.variants[number]
            return locate(reading.report, variant.at, variant.text[:12])
    return Place(reading.path)


def _operator(reading: Reading) -> Place:
    """Where the flow says who answers callers who ask for a person."""
    for number, line in enumerate(reading.report.sources.get(reading.path, ()), 1):
        if line.startswith("operator:"):
            return Place(reading.path, number, 1, len("operator"), number)
    return Place(reading.path)


_HINTS: Final = {
    "ends": "Lead one of these outcomes to a question, a person or the end.",
    "human": "Lead it to a transfer, and every outcome of the transfer to a message or on to somebody else.",
    "bounded": "Let the ladder end at a person, a message or the end: leave out `then`, or lead it there.",
    "confirmed": "Add the slot to a `confirm` step on every way to this tool.",
    "once": "Ask the caller before the tool runs, and lead a no somewhere else.",
    "fresh": "Let the check wait for everything that it uses (`after`), and confirm slots of its own form.",
    "awake": "Ask something on the way, or end the call.",
    "filled": "Get the value on every way here, or give the text a wording for when it is not there.",
    "total": "Remove it, or widen the condition.",
    "wired": "Wire it under `on:`.",
    "private": "Say only its last digits, as `{name:last3}`.",
    "open": "Widen the limits, or the opening hours.",
    "order": "Slots of a form must not undo each other; look at `depends_on`.",
    "clean": "This is a fault of frontdesk; please report it.",
}
