"""Whether a value may stand in a slot: the author's limits, calendars and rules, and the reason where it may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from engine.acts import Money, Range, Recording
from engine.dialogue.draft import Draft
from engine.dialogue.many import ONE_END, TOO_FEW, backwards, covers, parts
from engine.flow.calendar import Calendar, exists
from engine.flow.model import Limit, Slot
from engine.kinds import figure
from engine.slots.datetime import is_part
from engine.slots.money import currency_of

MOST = 10
"""Items that a list may have where the flow does not say."""
OLDEST = 125
"""Years that a living person's date of birth may lie back."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """The conversation as it would be with a value in a slot: what rules of the slot look at."""

    draft: Draft
    slot: str
    stated: object

    @property
    def now(self) -> datetime:
        return self.draft.now

    def value(self, name: str) -> object | None:
        return self.stated if name == self.slot else self.draft.value(name)

    def calendar(self, name: str) -> Calendar:
        return self.draft.calendar(name)


def refusal(draft: Draft, slot: Slot, value: object) -> str | None:
    """The reason why `value` cannot stand in `slot`, or None when it can."""
    reason = _unfit(draft, slot, value)
    if reason is not None or not slot.rules or leads_to(slot, value):
        return reason
    view = _Stated(draft, slot.name, value)
    return next((rule.name for rule in slot.rules if rule.when.holds(view)), None)


def _unfit(draft: Draft, slot: Slot, value: object) -> str | None:
    """The limit, calendar or length that a value by itself does not keep: any item of a list, either end of a range."""
    unwanted = draft.state.slot(slot.name).excluded
    if value in unwanted or covers(value, unwanted):
        return "excluded"
    for part in parts(value):
        reason = None if isinstance(part, Recording) else _unfit_part(draft, slot, part)
        if reason is not None:
            return reason
    if isinstance(value, tuple):
        return _number(slot, len(value))
    if isinstance(value, Range):
        if backwards(value):
            return "backwards"
        return ONE_END if slot.options.get("both_ends") and len(parts(value)) == 1 else None
    return None


def _number(slot: Slot, count: int) -> str | None:
    """Whether a list is too short or too long."""
    if count < int(slot.options.get("at_least", 1)):
        return TOO_FEW
    return "too_many" if count > int(slot.options.get("at_most", MOST)) else None


def refused_part(draft: Draft, slot: Slot, value: object) -> object:
    """What of a refused value is at fault: the items of a list that may not stand, else the whole value."""
    if not isinstance(value, tuple):
        return value
    return tuple(item for item in value if _unfit_part(draft, slot, item) is not None) or value


def _unfit_part(draft: Draft, slot: Slot, value: object) -> str | None:
    if slot.item == "date_of_birth" and isinstance(value, date):
        return _birth(draft, value)
    if slot.item == "datetime" and slot.type != slot.item and is_part(value):
        return "incomplete"
    if isinstance(value, datetime):
        return _moment(draft, slot, value)
    if isinstance(value, date):
        return _day(draft, slot, value)
    if isinstance(value, time):
        return _clock(draft, slot, value)
    if isinstance(value, Money) and value.currency != currency_of(slot.options, draft.flow.language):
        return "currency"
    if (number := figure(value)) is not None:
        return _size(slot, value, number)
    if slot.item == "choice":
        known = {choice.value for choice in slot.options.get("choices", ())}
        return None if value in known else "unknown"
    if slot.item == "digits" and isinstance(value, str):
        return _digits(slot, value)
    return None


def leads_to(slot: Slot, value: object) -> bool:
    """Whether the value, or a part of it, is past a limit that leads somewhere instead of refusing."""
    return any(_leads(slot, part) for part in parts(value))


def _leads(slot: Slot, value: object) -> bool:
    number = figure(value)
    if number is None:
        return False
    if slot.min is not None and slot.min.then and _under(slot.min, number):
        return True
    return slot.max is not None and bool(slot.max.then) and _over(slot.max, number)


def _under(limit: Limit | None, value: float) -> bool:
    return limit is not None and value < limit.value


def _over(limit: Limit | None, value: float) -> bool:
    return limit is not None and value > limit.value


def _size(slot: Slot, value: object, number: float) -> str | None:
    if _leads(slot, value):
        return None
    if _under(slot.min, number):
        return "too_small"
    if _over(slot.max, number):
        return "too_big"
    return "step" if isinstance(value, timedelta) and number % int(slot.options.get("step", 1)) else None


def _birth(draft: Draft, value: date) -> str | None:
    today = draft.now.date()
    if value > today:
        return "future"
    return "too_long_ago" if value.year < today.year - OLDEST else None


def _day(draft: Draft, slot: Slot, value: date) -> str | None:
    today = draft.now.date()
    if value < today:
        return "past"
    reason = _reach(draft, slot, value)
    if reason is not None:
        return reason
    if slot.open and not draft.calendar(slot.open).is_open_day(value):
        return "closed"
    return None


def _reach(draft: Draft, slot: Slot, day: date) -> str | None:
    """Whether a day is nearer or farther than the slot's `from` and `to`."""
    today = draft.now.date()
    if slot.earliest is not None and day < today + timedelta(days=slot.earliest):
        return "too_soon"
    return "too_far" if slot.latest is not None and day > today + timedelta(days=slot.latest) else None


def _clock(draft: Draft, slot: Slot, value: time) -> str | None:
    step = slot.options.get("step")
    day = day_for(draft, slot)
    if day is not None:
        moment: datetime | None = datetime.combine(day, value, draft.now.tzinfo)
        if slot.open:
            calendar = draft.calendar(slot.open)
            moment = calendar.start_of(day, value)
            if moment is None:
                return "skipped" if calendar.skips(day, value) else "closed"
        if moment is not None and not exists(moment):
            return "skipped"
        if moment is not None and _is_past(moment, draft):
            return "past"
    if step and (value.hour * 60 + value.minute) % int(step):
        return "step"
    return None


def _is_past(moment: datetime, draft: Draft) -> bool:
    """By the instant: on the night that is an hour long, the clock on the wall says less than that."""
    return moment.astimezone(UTC) <= draft.now.astimezone(UTC)


def _moment(draft: Draft, slot: Slot, value: datetime) -> str | None:
    """A day and a time: the day by its limits, then both by the calendar, whose openings may begin the day before."""
    moment = value.replace(tzinfo=draft.now.tzinfo)
    if not exists(moment):
        return "skipped"
    if _is_past(moment, draft):
        return "past"
    reason = _reach(draft, slot, value.date())
    if reason is not None:
        return reason
    if slot.open:
        calendar = draft.calendar(slot.open)
        begun = [value.date(), *([value.date() - timedelta(days=1)] if value.date() > date.min else [])]
        if not any(calendar.start_of(day, value.time()) == moment for day in begun):
            return "closed"
    return "step" if (value.hour * 60 + value.minute) % int(slot.options.get("step", 1)) else None


def day_for(draft: Draft, slot: Slot) -> date | None:
    """The day that a time belongs to: the date slot that it depends on."""
    for name in slot.depends_on:
        value = draft.state.slot(name).value
        if draft.flow.slots[name].type == "date" and isinstance(value, date):
            return value
    return None


def _digits(slot: Slot, value: str) -> str | None:
    length = slot.options.get("length")
    shortest, longest = slot.options.get("shortest", length), slot.options.get("longest", length)
    if shortest is not None and len(value) < int(shortest):
        return "too_short"
    return "too_many_digits" if longest is not None and len(value) > int(longest) else None
