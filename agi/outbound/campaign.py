"""A campaign's file, read into rules and people to call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from jsonschema import Draft202012Validator
from phonenumbers import timezone

from agi.outbound.plan import NUMBER, Callee, Rules, plain
from engine.actions.ledger import Booking
from engine.acts import PersonName
from engine.errors import AuthorError
from engine.flow.duration import parse_duration
from engine.flow.hours import read_calendar
from engine.settings_file import read_root
from engine.shipped import find_flow, shipped
from engine.yaml.nodes import Table, data, place_of
from engine.yaml.position import Report, did_you_mean

AS_NUMBER: Final = "Write it with the country code, in quotes, such as \"+441632960123\"; or add its `zone`."
UNKNOWN_ZONE: Final = "Etc/Unknown"
LENGTHS: Final = {
    "wait": ("2 h", timedelta(minutes=1), timedelta(days=30)),
    "ring": ("30 s", timedelta(seconds=5), timedelta(minutes=2)),
}
"""What each is unless given, and between what it lies."""
IN_DAYS: Final = {"today": 0, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class Campaign:
    """`bookings_of` and `day` name the bookings whose people are called, besides those of `calls`; times in seconds."""

    name: str
    flow: Path
    rules: Rules
    calls: tuple[Callee, ...]
    bookings_of: str | None
    day: str
    ring: float
    caller_id: str | None
    machine_says: str | None


@cache
def _schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shipped("schemas") / "campaign.schema.json").read_text(encoding="utf-8"))
    return loaded


def read_campaign(file: Path, never: Iterable[str] = ()) -> Campaign:
    """The campaign in a file; `never` are numbers that the settings keep us from calling. Raises AuthorError with every
    fault of the file, SettingsError where it cannot be read."""
    report = Report()
    root = read_root(file, "campaign", _check, report)
    tree: dict[str, Any] = data(root)
    hours = root.get("hours")
    assert isinstance(hours, Table)  # the schema says so
    calendar = read_calendar("hours", hours, hours.place, "UTC", Report())
    calls = tuple(_calls(tree.get("calls", ()), root, report))
    wait, ring = (_length(tree, root, report, key) for key in LENGTHS)
    day = str(tree.get("bookings", {}).get("day", ""))
    _check_day(day, root, report)
    if report.has_errors:
        raise AuthorError(tuple(report.found))
    refused = frozenset(plain(str(number)) for number in (*never, *tree.get("do_not_call", ())))
    flow = str(tree["flow"])
    beside = file.parent / flow
    return Campaign(
        name=str(tree["campaign"]),
        flow=find_flow(beside if beside.exists() else flow).resolve(),
        rules=Rules(calendar, int(tree.get("tries", 3)), wait, int(tree.get("at_once", 1)), refused),
        calls=calls,
        bookings_of=tree.get("bookings", {}).get("flow"),
        day=day,
        ring=ring.total_seconds(),
        caller_id=None if "caller_id" not in tree else str(tree["caller_id"]),
        machine_says=tree.get("machine", {}).get("say"),
    )


def _check(root: Table, report: Report) -> None:
    for error in Draft202012Validator(_schema()).iter_errors(data(root)):
        path = list(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for key in sorted(set(error.instance) - set(known)):
                place = place_of(root, [*path, key], key=True)
                hint = did_you_mean(key, known, "Remove it.")
                report.error("unknown-key", place, f"`{key}` is nothing that a campaign has", hint)
        elif error.validator == "anyOf":
            report.error("campaign-value", root.place, "nobody is to be called", "Write `bookings:` or `calls:`.")
        else:
            hint = str(error.schema.get("description", ""))
            report.error("campaign-value", place_of(root, path), error.message, hint)


def _length(tree: Mapping[str, Any], root: Table, report: Report, key: str) -> timedelta:
    default, least, most = LENGTHS[key]
    try:
        length = parse_duration(str(tree.get(key, default)))
    except ValueError as fault:
        report.error("campaign-value", place_of(root, [key]), str(fault), "Write it like `90 s` or `2 h`.")
        return least
    if not least <= length <= most:
        hint = f"It is {least.total_seconds():g} s at least and {most.total_seconds():g} s at most."
        report.error("campaign-value", place_of(root, [key]), f"`{key}: {tree[key]}` cannot be", hint)
    return length


def _check_day(day: str, root: Table, report: Report) -> None:
    if day[:1].isdigit():
        try:
            date.fromisoformat(day)
        except ValueError as fault:
            place = place_of(root, ["bookings", "day"])
            report.error("campaign-value", place, f"{day} is no day: {fault}", "Such as 2026-10-05, or `tomorrow`.")


def _calls(calls: Sequence[Mapping[str, Any]], root: Table, report: Report) -> Iterable[Callee]:
    seen: set[str] = set()
    for index, call in enumerate(calls):
        number = plain(str(call["number"]))
        zones = (str(call["zone"]),) if "zone" in call else zones_of(number)
        if not NUMBER.fullmatch(number):
            place = place_of(root, ["calls", index, "number"])
            report.error("campaign-value", place, f"{call['number']!r} is no telephone number", AS_NUMBER)
            continue
        if "zone" in call and call["zone"] not in available_timezones():
            place = place_of(root, ["calls", index, "zone"])
            report.error("campaign-value", place, f"there is no zone {call['zone']!r}", "Such as Europe/London.")
        if not zones:
            place = place_of(root, ["calls", index, "number"])
            why = f"{call['number']!r} is no number of which we know the clock"
            report.error("campaign-value", place, why, AS_NUMBER)
        about = dict(call.get("set", {}))
        key = f"{number} {json.dumps(about, sort_keys=True)}" if about else number
        if key in seen:
            place = place_of(root, ["calls", index, "number"])
            report.error("campaign-value", place, f"{number} is to be called twice about the same", "Remove one.")
        seen.add(key)
        yield Callee(key, number, zones, about)


def zones_of(number: str) -> tuple[str, ...]:
    """Every zone in which a number with a country code may be; none where that is not known."""
    try:
        found = timezone.time_zones_for_geographical_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in found if zone != UNKNOWN_ZONE)


def day_of(day: str, now: datetime, zone: str) -> date:
    """The date that a campaign's `day` means at a moment."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if day in IN_DAYS:
        return today + timedelta(days=IN_DAYS[day])
    if day.startswith("in "):
        return today + timedelta(days=int(day.split()[1]))
    return date.fromisoformat(day)


def callee_of(booking: Booking, service: str | None, practitioner: str | None) -> Callee | None:
    """Whoever made a booking; None where their number or name is not known. It makes no sense to call them once it has
    begun. The flow's zone is right for numbers that do not say theirs."""
    if booking.phone_key is None or not isinstance(booking.name, PersonName):
        return None
    about = {
        "patient": f"{booking.name.first} {booking.name.last}".strip(),
        "reference": booking.reference,
        "booked_day": booking.day.isoformat(),
        "booked_time": f"{booking.starts:%H:%M}",
        "booked_size": booking.party_size,
        "booked_service": service,
        "booked_with": practitioner,
    }
    zones = zones_of(booking.phone_key) or (str(booking.starts.tzinfo),)
    known = {name: value for name, value in about.items() if value is not None}
    return Callee(f"booking {booking.id} {booking.starts.isoformat()}", booking.phone_key, zones, known, booking.starts)
