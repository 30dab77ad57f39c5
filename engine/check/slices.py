"""What a proof knows of one slot, result, check or answer, and what each move does to it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from engine.check.guessing import may_hold
from engine.check.moves import HEARS, Course, Move, Where
from engine.dialogue.machine import KEPT_AFTER_BOOKING, Guard, Looks
from engine.dialogue.state import State
from engine.flow.model import Check, Flow, FormStep, Slot

SETTLED: Final = ("v", "c")


class SlotKnown(NamedTuple):
    """`status` is the first letter of the slot's; `valued` whether a value stands there, `closed` whether the last
    booking left one for prompts."""

    status: str = "e"
    refused: bool = False
    skipped: bool = False
    valued: bool = False
    closed: bool = False

    @property
    def settled(self) -> bool:
        return self.skipped or self.status in SETTLED


def needs(flow: Flow, name: str) -> frozenset[str]:
    """The slots that a slot depends on, directly or through others."""
    found: set[str] = set()
    waiting = list(flow.slots[name].depends_on)
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(flow.slots[other].depends_on)
    return frozenset(found - {name})


def booked_slots(flow: Flow, tool: str, form: str | None) -> frozenset[str]:
    """Slots that a successful commit closes: those that it takes, and those of the form."""
    step = flow.steps.get(form or "")
    return frozenset((*flow.tools[tool].takes.values(), *getattr(step, "slots", ()))) & frozenset(flow.slots)


def placed(condition: Looks, where: Where) -> bool | None:
    """Whether a condition about where the call is holds; None for any other."""
    match condition.question:
        case "in_form":
            return bool(condition.about == where.form)
        case "is_home":
            return bool(condition.about == where.home)
    return None


@lru_cache(maxsize=4096)
def touched(known: SlotKnown, directly: bool) -> tuple[SlotKnown, ...]:
    """All that one turn can make of a slot: of one that is spoken about, or of one that depends on such a slot."""
    found: dict[SlotKnown, None] = {known: None}
    waiting = [known]
    while waiting:
        for later in _once(waiting.pop(), directly):
            if later not in found:
                found[later] = None
                waiting.append(later)
    return tuple(found)


def _once(known: SlotKnown, directly: bool) -> tuple[SlotKnown, ...]:
    valid = SlotKnown("v", valued=True, closed=known.closed)
    waits = known._replace(status="p", refused=False, skipped=False)
    if not directly:
        return () if known.status == "e" else (waits, valid, waits._replace(refused=True))
    refused = known._replace(status="v" if known.status in SETTLED else known.status, refused=True)
    return (valid, waits, refused, SlotKnown(closed=known.closed), SlotKnown("p", closed=known.closed))


class SlotSlice:
    """One slot, through asking, correcting, confirming and booking."""

    def __init__(self, course: Course, slot: Slot) -> None:
        self.course, self.slot, self.name = course, slot, slot.name
        self.needs = needs(course.flow, slot.name)
        others = course.flow.slots.values()
        self.dependants = frozenset(one.name for one in others if slot.name in one.depends_on and not one.optional)
        """Slots that are never settled while this one is empty: they wait for it, and cannot be skipped."""
        self.picked = not slot.depends_on and slot.type not in KEPT_AFTER_BOOKING
        """Whether an unsettled value can only be one of several that the caller is asked to pick from."""

    def start(self) -> SlotKnown:
        return SlotKnown()

    def seen(self, known: Hashable) -> Hashable:
        return known

    def of(self, state: State) -> SlotKnown:
        now = state.slot(self.name)
        closed = state.closed.get(self.name) is not None
        return SlotKnown(now.status[0], now.refused is not None, now.skipped, now.value is not None, closed)

    def after(self, position: str, where: Where, known: Hashable, move: Move) -> Iterable[SlotKnown]:
        slot = cast(SlotKnown, known)
        if move.tool and self._refuses(position, move.tool, slot):
            return ()
        match move.effect:
            case "skip" if move.slot == self.name:
                return (SlotKnown(skipped=True, closed=slot.closed),)
            case "touch" | "skip":
                return self._touched(slot, move.names)
            case "clear" | "leave":
                return (self._cleared(slot, move.names),)
            case "back":
                return dict.fromkeys((slot, self._cleared(slot, move.names) if slot.status != "e" else slot))
            case "confirm" if self.name in move.names and slot.status == "v" and not slot.skipped:
                return (slot._replace(status="c"),)
            case "commit":
                return (self._booked(slot, booked_slots(self.course.flow, move.tool, where.form)),)
        return (slot,)

    def may_commit(self, slot: SlotKnown) -> bool:
        """What the engine asks of a slot before it books."""
        if self.slot.confirm == "never":
            return slot.settled
        return slot.status == "c" or (self.slot.optional and slot.status == "e")

    def _refuses(self, position: str, tool: str, slot: SlotKnown) -> bool:
        """Whether the engine does not run a tool, so that it cannot answer either."""
        known = self.course.flow.tools[tool]
        booked = known.commits and self.course.nodes[position].kind == "call"
        return booked and self.name in known.takes.values() and not self.may_commit(slot)

    def _touched(self, slot: SlotKnown, names: Sequence[str]) -> Iterable[SlotKnown]:
        if self.name in names:
            return touched(slot, True)
        return touched(slot, False) if self.needs & set(names) else (slot,)

    def _cleared(self, slot: SlotKnown, names: Iterable[str]) -> SlotKnown:
        if self.name in names:
            return SlotKnown(closed=slot.closed)
        if self.needs & set(names) and slot.status != "e":
            return slot._replace(status="p", refused=False, skipped=False)
        return slot

    def _booked(self, slot: SlotKnown, names: frozenset[str]) -> SlotKnown:
        if self.name not in names:
            return self._cleared(slot, names)._replace(closed=False)
        if slot.valued and self.slot.type in KEPT_AFTER_BOOKING:
            return SlotKnown("p", valued=True, closed=True)
        return SlotKnown(closed=slot.valued)

    def holds(self, condition: Looks | Guard, where: Where, known: Hashable) -> bool | None:
        slot = cast(SlotKnown, known)
        if isinstance(condition, Guard):
            return may_hold(condition.when, {self.name: slot.status in SETTLED})
        about = condition.about
        match condition.question:
            case "in_form" | "is_home":
                return placed(condition, where)
            case "is_due":
                return False if self._holds_back(about, slot) else None
            case "is_unsettled" if about in self.dependants and slot.status == "e" and not slot.skipped:
                return True
        return self._judge(condition.question, slot) if about == self.name else None

    def _holds_back(self, check: Check, slot: SlotKnown) -> bool:
        """Whether a check waits for this slot, or for one that waits for it."""
        if self.name in check.after:
            return not slot.settled
        return slot.status == "e" and not slot.skipped and bool(self.dependants.intersection(check.after))

    def _judge(self, question: str, slot: SlotKnown) -> bool | None:
        match question:
            case "must_pick":
                may = slot.status == "p" and not slot.refused and not slot.skipped
                return (True if self.picked else None) if may else False
            case "is_beyond":
                return None if slot.valued and slot.status != "e" else False
            case "must_verify":
                return None if slot.status == "v" else False
            case "is_refused":
                return slot.refused
            case "is_unsettled":
                return not slot.settled
            case "is_offered":
                return False if slot.settled else None
        return None


class ResultSlice:
    """Whether one value of a tool is there."""

    def __init__(self, course: Course, name: str) -> None:
        self.name = name
        tools = course.flow.tools
        self.brought = {(t.name, o) for t in tools.values() for o, values in t.outcomes.items() if name in values}

    def start(self) -> bool:
        return False

    def seen(self, known: Hashable) -> Hashable:
        return known

    def of(self, state: State) -> bool:
        return self.name in state.results

    def after(self, position: str, where: Where, known: Hashable, move: Move) -> Iterable[Hashable]:
        return (known or (move.tool, move.outcome) in self.brought,)

    def holds(self, condition: Looks | Guard, where: Where, known: Hashable) -> bool | None:
        if isinstance(condition, Guard):
            return may_hold(condition.when, {self.name: bool(known)})
        return placed(condition, where)


class CheckKnown(NamedTuple):
    """`current`: the engine takes the check for done; `told`: its answer was about the values that stand now."""

    current: bool = False
    told: Literal["never", "fresh", "stale"] = "never"
    settled: bool = False


def _vouched(flow: Flow, names: Iterable[str]) -> Iterable[str]:
    """Slots that depend on nothing and that one of `names` depends on: whenever such a slot changes, the other is
    looked at again and counts as changed, unless it was skipped."""
    for slot in (flow.slots[name] for name in names):
        if not slot.optional:
            yield from (other for other in slot.depends_on if not flow.slots[other].depends_on)


class CheckSlice:
    """One check of a form: whether its answer is still about the values of its slots."""

    def __init__(self, course: Course, form: FormStep, check: Check) -> None:
        self.course, self.check, self.name = course, check, f"{check.call} {' '.join(check.after)}"
        flow = course.flow
        self.after_slots = frozenset(check.after)
        self.uses = self.after_slots | (frozenset(flow.tools[check.call].takes.values()) & frozenset(flow.slots))
        self.unseen = self.uses - self.after_slots - frozenset(_vouched(flow, self.after_slots))
        """Slots whose change does not make the engine look again."""
        self.needs = {name: needs(flow, name) | {name} for name in self.uses}
        self.last = {
            step.name: next((slot for slot in reversed(step.slots) if slot in self.after_slots), None)
            for step in flow.steps.values()
            if isinstance(step, FormStep) and self.after_slots <= set(step.slots)
        }

    def start(self) -> CheckKnown:
        return CheckKnown()

    def seen(self, known: Hashable) -> Hashable:
        check = cast(CheckKnown, known)
        return check.current, check.settled

    def of(self, state: State) -> Hashable:
        versions = tuple(state.slot(name).version for name in self.check.after)
        settled = all(state.slot(name).settled for name in self.check.after)
        return state.checks.get(self.name) == versions, settled

    def _hit(self, names: Iterable[str], of: frozenset[str]) -> bool:
        said = set(names)
        return any(self.needs[name] & said for name in of)

    def after(self, position: str, where: Where, known: Hashable, move: Move) -> Iterable[CheckKnown]:
        check = cast(CheckKnown, known)
        match move.effect:
            case "touch" | "skip":
                return self._touched(check, move.names)
            case "back":
                return (check, *self._cleared(check, move.names))
            case "clear":
                return self._cleared(check, move.names)
            case "leave":
                return (CheckKnown(settled=check.settled and not self._hit(move.names, self.after_slots)),)
            case "commit":
                names = booked_slots(self.course.flow, move.tool, where.form)
                return (CheckKnown(settled=check.settled and not self._hit(names, self.after_slots)),)
            case "result":
                return (self._answered(position, check, move),)
        return (check,)

    def _answered(self, position: str, check: CheckKnown, move: Move) -> CheckKnown:
        at = self.course.nodes[position].check
        if at is None or f"{at.call} {' '.join(at.after)}" != self.name or at.on.get(move.outcome) != "go_on":
            return check
        return check._replace(current=True, told="fresh")

    def _touched(self, check: CheckKnown, names: Sequence[str]) -> Iterable[CheckKnown]:
        stale = check._replace(told="stale" if check.told != "never" else "never")
        if self._hit(names, self.after_slots):
            moved = (stale._replace(current=False, settled=settled) for settled in (True, False))
            unseen = (stale,) if self._hit(names, self.unseen) else ()
            return (check, *moved, *unseen, check._replace(settled=False), check._replace(settled=True))
        return (check, stale) if self._hit(names, self.uses) else (check,)

    def _cleared(self, check: CheckKnown, names: Sequence[str]) -> Iterable[CheckKnown]:
        stale = check._replace(told="stale" if check.told != "never" else "never")
        if self._hit(names, self.after_slots):
            return (stale._replace(current=False, settled=False), check._replace(settled=False))
        return (stale,) if self._hit(names, self.uses) else (check,)

    def holds(self, condition: Looks | Guard, where: Where, known: Hashable) -> bool | None:
        check = cast(CheckKnown, known)
        if isinstance(condition, Guard):
            return None
        about = condition.about
        match condition.question:
            case "in_form" | "is_home":
                return placed(condition, where)
            case "is_due" if f"{about.call} {' '.join(about.after)}" == self.name:
                return check.settled and not check.current
            case "is_unsettled" if about in self.after_slots:
                if check.settled:
                    return False
                return True if about == self.last.get(where.form or "") else None
            case "is_offered" | "must_pick" if about in self.after_slots and check.settled:
                return False
        return None


Answered: TypeAlias = Literal["nothing", "yes", "no"]


class AnswerKnown(NamedTuple):
    """`last` is what the caller answered last; `done` whether the tool has booked since."""

    last: Answered = "nothing"
    done: bool = False


class AnswerSlice:
    """What stands between one run of a committing tool and the next, and what the caller said before."""

    def __init__(self, course: Course, tool: str) -> None:
        self.course, self.tool = course, tool

    def start(self) -> AnswerKnown:
        return AnswerKnown()

    def seen(self, known: Hashable) -> Hashable:
        return ()

    def of(self, state: State) -> Hashable:
        return ()

    def after(self, position: str, where: Where, known: Hashable, move: Move) -> Iterable[AnswerKnown]:
        answer = cast(AnswerKnown, known)
        if move.effect == "commit":
            return (answer._replace(done=answer.done or move.tool == self.tool),)
        if move.answer:
            return (AnswerKnown("yes" if move.answer == "yes" else "no"),)
        return (AnswerKnown() if self.course.nodes[position].kind in HEARS else answer,)

    def holds(self, condition: Looks | Guard, where: Where, known: Hashable) -> bool | None:
        if isinstance(condition, Guard):
            return None
        return placed(condition, where)
