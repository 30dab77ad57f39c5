"""What can be booked, as a flow's `resources:` gives it: tables by size, or practitioners with their services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

from engine.errors import FrontdeskError
from engine.flow.calendar import Calendar
from engine.flow.duration import parse_duration

STEP: Final = "15 minutes"


class ResourceError(FrontdeskError):
    """A flow's `resources:` cannot be booked as they stand."""


@dataclass(frozen=True, slots=True)
class Table:
    """One concrete table; `id` stays the same as long as the tables of its size are not reordered."""

    id: str
    seats: int


@dataclass(frozen=True, slots=True)
class Tables:
    """A room of tables. Up to `join` of them are put together for a party that no free table seats.

    `stays` are (largest party, length of stay) from small to large; the last one holds for larger parties too.
    """

    name: str
    calendar: Calendar
    tables: tuple[Table, ...]
    stays: tuple[tuple[int, timedelta], ...]
    join: int = 1
    step: timedelta = timedelta(minutes=15)

    def stay(self, party_size: int) -> timedelta:
        """How long a party of this size keeps its table."""
        return next((stay for largest, stay in self.stays if party_size <= largest), self.stays[-1][1])


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who sees one person at a time; `services` maps what they do to how long it takes them."""

    id: str
    label: str
    calendar: Calendar
    services: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True)
class Appointments:
    """People and what they do; a service is called `services[name]` aloud."""

    name: str
    services: Mapping[str, str]
    practitioners: tuple[Practitioner, ...]
    step: timedelta = timedelta(minutes=15)


Resource: TypeAlias = Tables | Appointments


def read_resources(resources: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> dict[str, Resource]:
    """The resources of a flow by name; raises ResourceError naming the first fault and its place."""
    return {name: _read(name, data, calendars) for name, data in resources.items()}


def _read(name: str, data: Any, calendars: Mapping[str, Calendar]) -> Resource:
    if not isinstance(data, Mapping) or ("units" in data) == ("practitioners" in data):
        raise ResourceError(f"resources: {name} needs either `units` (tables) or `practitioners`")
    if "units" in data:
        return _tables(name, data, calendars)
    return _appointments(name, data, calendars)


def _tables(name: str, data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Tables:
    counts: dict[int, int] = {}
    tables = []
    for unit in data["units"]:
        seats, count = _whole(unit.get("seats"), f"{name}: seats"), _whole(unit.get("count", 1), f"{name}: count")
        for number in range(counts.get(seats, 0) + 1, counts.get(seats, 0) + count + 1):
            tables.append(Table(f"{seats}-{number}", seats))
        counts[seats] = counts.get(seats, 0) + count
    if not tables:
        raise ResourceError(f"resources: {name} has no units")
    return Tables(
        name=name,
        calendar=_calendar(name, data.get("calendar"), calendars),
        tables=tuple(sorted(tables, key=lambda table: table.seats)),
        stays=_stays(name, data.get("stay", "2 h")),
        join=_whole(data.get("join", 1), f"{name}: join"),
        step=_length(data.get("step", STEP), f"{name}: step"),
    )


def _stays(name: str, data: Any) -> tuple[tuple[int, timedelta], ...]:
    """`2 h` for everybody, or `{up_to_4: 2 h, more: 2 h 30 min}`."""
    if not isinstance(data, Mapping):
        return ((1, _length(data, f"{name}: stay")),)
    steps: dict[int, timedelta] = {}
    for key, text in data.items():
        size = key.removeprefix("up_to_")
        if key != "more" and (size == key or not size.isdigit()):
            raise ResourceError(f"resources: {name}: stay knows `up_to_4` and `more`, not `{key}`")
        steps[10**6 if key == "more" else int(size)] = _length(text, f"{name}: stay: {key}")
    if not steps:
        raise ResourceError(f"resources: {name}: stay is empty")
    return tuple(sorted(steps.items()))


def _appointments(name: str, data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Appointments:
    services = data.get("services")
    if not isinstance(services, Mapping) or not services or not data["practitioners"]:
        raise ResourceError(f"resources: {name} needs at least one service and one practitioner")
    lengths = {service: _service_length(f"{name}: {service}", spec) for service, spec in services.items()}
    return Appointments(
        name=name,
        services={service: str(spec.get("say", service)) for service, spec in services.items()},
        practitioners=tuple(
            Practitioner(
                id=key,
                label=str(spec.get("say", key)),
                calendar=_calendar(f"{name}: {key}", spec.get("calendar", data.get("calendar")), calendars),
                services=_offered(f"{name}: {key}", spec.get("services"), lengths),
            )
            for key, spec in data["practitioners"].items()
        ),
        step=_length(data.get("step", STEP), f"{name}: step"),
    )


def _offered(place: str, data: Any, lengths: Mapping[str, timedelta]) -> Mapping[str, timedelta]:
    """All services when nothing is given, a list of them, or a mapping with this person's own lengths."""
    if data is None:
        return dict(lengths)
    unknown = [service for service in data if service not in lengths]
    if unknown:
        raise ResourceError(
            f"resources: {place} offers `{unknown[0]}`, which is no service; there are {_names(lengths)}"
        )
    if isinstance(data, Mapping):
        return {service: _length(text, f"{place}: {service}") for service, text in data.items()}
    return {service: lengths[service] for service in data}


def _service_length(place: str, spec: Any) -> timedelta:
    if not isinstance(spec, Mapping) or ("minutes" in spec) == ("length" in spec):
        raise ResourceError(f"resources: {place} needs either `minutes: 20` or `length: 1 h 15 min`")
    if "minutes" in spec:
        return timedelta(minutes=_whole(spec["minutes"], f"{place}: minutes"))
    return _length(spec["length"], f"{place}: length")


def _calendar(place: str, name: Any, calendars: Mapping[str, Calendar]) -> Calendar:
    if name not in calendars:
        raise ResourceError(f"resources: {place} needs a calendar of the flow; there are {_names(calendars)}")
    return calendars[name]


def _length(text: Any, place: str) -> timedelta:
    try:
        length = parse_duration(str(text))
    except ValueError as fault:
        raise ResourceError(f"resources: {place}: {fault}") from fault
    if length <= timedelta(0):
        raise ResourceError(f"resources: {place} must be longer than nothing")
    return length


def _whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ResourceError(f"resources: {place} must be a whole number of at least 1, not {value!r}")
    return value


def _names(known: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in known) or "none"
