"""Who gets which table or practitioner: rules on small rooms, and what holds for every room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from actions_flow import APPOINTMENTS, CALENDARS, EIGHT, FRIDAY, LONDON, NOW, TABLES
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.actions.booking import Held, Wish, by_unit, moment_of, other_days, other_times, place
from engine.actions.resources import Appointments, ResourceError, Tables, read_resources
from engine.flow.calendar import Calendar, Hours

ROOM = read_resources({"tables": TABLES}, CALENDARS)["tables"]
PRACTICE = read_resources({"appointments": APPOINTMENTS}, CALENDARS)["appointments"]
NOTHING = by_unit(())


def evening(unit: str, start: str, end: str) -> Held:
    """A unit held on the Friday."""
    begin, close = (datetime.combine(FRIDAY, time.fromisoformat(text), LONDON) for text in (start, end))
    return Held(unit, begin, close)


@pytest.mark.parametrize(
    ("party", "units", "minutes"),
    [
        (1, ("2-1",), 120),
        (2, ("2-1",), 120),
        (3, ("4-1",), 120),
        (4, ("4-1",), 120),
        (5, ("2-1", "4-1"), 150),
        (6, ("2-1", "4-1"), 150),
        (7, ("4-1", "4-2"), 150),
        (8, ("4-1", "4-2"), 150),
        (9, None, 0),
    ],
)
def test_a_party_gets_the_smallest_table_or_the_fewest_joined(
    party: int, units: tuple[str, ...] | None, minutes: int
) -> None:
    found = place(ROOM, Wish(FRIDAY, EIGHT, party), NOTHING, NOW)
    assert (found.units if found else None) == units
    if found:
        assert found.end - found.start == timedelta(minutes=minutes)


def test_tables_are_joined_only_when_no_single_one_is_free() -> None:
    one_left = by_unit([evening("4-1", "20:00", "22:00")])
    none_left = by_unit([evening("4-1", "20:00", "22:00"), evening("4-2", "19:00", "21:00")])
    found = place(ROOM, Wish(FRIDAY, EIGHT, 4), one_left, NOW)
    assert found is not None
    assert found.units == ("4-2",)
    joined = place(ROOM, Wish(FRIDAY, EIGHT, 4), none_left, NOW)
    assert joined is not None
    assert joined.units == ("2-1", "2-2")


def test_among_equal_tables_the_one_that_leaves_the_least_idle_time_is_taken() -> None:
    taken = by_unit([evening("2-2", "18:00", "20:00"), evening("2-1", "18:00", "19:00")])
    found = place(ROOM, Wish(FRIDAY, EIGHT, 2), taken, NOW)
    assert found is not None
    assert found.units == ("2-2",)


def test_a_table_is_free_again_at_the_minute_a_stay_ends() -> None:
    room = read_resources({"tables": {**TABLES, "units": [{"seats": 2}]}}, CALENDARS)["tables"]
    taken = by_unit([evening("2-1", "18:00", "20:00")])
    assert place(room, Wish(FRIDAY, EIGHT, 2), taken, NOW)
    assert not place(room, Wish(FRIDAY, time(19, 45), 2), taken, NOW)


def test_past_midnight_belongs_to_the_evening_it_began() -> None:
    saturday = date(2026, 11, 7)
    room = read_resources(
        {"tables": TABLES}, {"tables": Calendar("tables", "Europe/London", {5: (Hours(time(18), time(2)),)})}
    )["tables"]
    found = place(room, Wish(saturday, time(0, 30), 2), NOTHING, NOW)
    assert found is not None
    assert found.start == datetime(2026, 11, 8, 0, 30, tzinfo=LONDON)
    assert place(room, Wish(date(2026, 11, 8), time(0, 30), 2), NOTHING, NOW) is None


def test_what_is_past_or_closed_has_no_place() -> None:
    assert place(ROOM, Wish(NOW.date(), EIGHT, 2), NOTHING, NOW) is None  # closed on Mondays
    assert place(ROOM, Wish(FRIDAY, time(16, 0), 2), NOTHING, NOW) is None
    assert place(ROOM, Wish(FRIDAY, time(21, 15), 2), NOTHING, NOW) is None  # within 90 minutes of closing
    assert place(ROOM, Wish(FRIDAY, EIGHT, 2), NOTHING, NOW + timedelta(days=30)) is None


def test_a_stay_over_the_change_of_the_clocks_has_its_true_length() -> None:
    night = Calendar("tables", "Europe/London", {5: (Hours(time(20), time(4)),)})
    room = read_resources({"tables": TABLES}, {"tables": night})["tables"]
    assert isinstance(room, Tables)
    fall, spring = Wish(date(2026, 10, 24), time(0, 30), 2), Wish(date(2026, 3, 28), time(1, 30), 2)
    early = datetime(2026, 1, 1, tzinfo=LONDON)
    found = place(room, fall, NOTHING, early)
    assert found is not None
    assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == timedelta(hours=2)
    assert found.end.time() == time(1, 30)
    assert place(room, spring, NOTHING, early) is None  # the clocks skip half past one


def test_a_practitioner_works_their_own_hours_and_lengths() -> None:
    def who(clock: str, service: str, practitioner: str | None = None) -> tuple[str | None, int] | None:
        found = place(PRACTICE, Wish(FRIDAY, time.fromisoformat(clock), 1, service, practitioner), NOTHING, NOW)
        return (found.practitioner, (found.end - found.start).seconds // 60) if found else None

    assert who("10:00", "checkup") == ("lee", 30)
    assert who("14:00", "checkup") == ("shah", 20)
    assert who("14:00", "checkup", "lee") == ("lee", 30)
    assert who("10:00", "checkup", "shah") is None
    assert who("14:00", "surgery", "shah") is None
    assert who("11:30", "surgery", "any") is None  # would go on after noon
    assert who("11:00", "surgery", "any") == ("lee", 60)


def test_whoever_has_the_emptier_day_is_chosen_when_it_does_not_matter() -> None:
    taken = by_unit([evening("shah", "15:00", "15:20")])
    found = place(PRACTICE, Wish(FRIDAY, time(14, 0), 1, "checkup", "any"), taken, NOW)
    assert found is not None
    assert found.practitioner == "lee"


def test_the_nearest_times_are_offered_in_the_order_of_the_evening() -> None:
    full = by_unit([evening(unit, "20:00", "22:00") for unit in ("2-1", "2-2", "4-1", "4-2")])
    assert other_times(ROOM, Wish(FRIDAY, EIGHT, 2), full, NOW) == (time(12, 45), time(13), time(18))


def test_the_nearest_open_days_are_offered() -> None:
    assert other_days(ROOM, Wish(date(2026, 12, 25), EIGHT, 2), NOTHING, NOW) == (
        date(2026, 12, 23),
        date(2026, 12, 24),
        date(2026, 12, 26),
    )


FAULTS = {
    "either `units`": {"calendar": "tables"},
    "calendar of the flow": {**TABLES, "calendar": "terrace"},
    "no units": {**TABLES, "units": []},
    "seats must be a whole number": {**TABLES, "units": [{"seats": "four"}]},
    "count must be a whole number": {**TABLES, "units": [{"seats": 4, "count": 0}]},
    "stay knows": {**TABLES, "stay": {"four": "2 h"}},
    "stay is empty": {**TABLES, "stay": {}},
    "no length of time": {**TABLES, "stay": "long"},
    "longer than nothing": {**TABLES, "step": "0 min"},
    "at least one service": {**APPOINTMENTS, "services": {}},
    "is no service": {**APPOINTMENTS, "practitioners": {"shah": {"services": ["x_ray"]}}},
    "either `minutes: 20`": {**APPOINTMENTS, "services": {"checkup": {"say": "a check-up"}}},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_resource_is_refused_in_plain_words(fault: str) -> None:
    with pytest.raises(ResourceError, match=fault):
        read_resources({"tables": FAULTS[fault]}, CALENDARS)


WISHES = st.builds(
    Wish,
    day=st.dates(date(2026, 11, 3), date(2026, 11, 9)),
    clock=st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
    party_size=st.integers(1, 9),
    service=st.sampled_from(["checkup", "surgery"]),
    practitioner=st.sampled_from([None, "any", "shah", "lee"]),
)
ROOMS = st.builds(
    lambda units, join: read_resources({"tables": {**TABLES, "units": units, "join": join}}, CALENDARS)["tables"],
    st.lists(st.fixed_dictionaries({"seats": st.integers(1, 6), "count": st.integers(1, 2)}), min_size=1, max_size=3),
    st.integers(1, 3),
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(ROOMS, st.just(PRACTICE)), st.lists(WISHES, max_size=25))
def test_no_unit_is_ever_held_twice_and_what_is_offered_can_be_booked(
    resource: Tables | Appointments, wishes: list[Wish]
) -> None:
    held: list[Held] = []
    for wish in wishes:
        taken = by_unit(held)
        found = place(resource, wish, taken, NOW)
        if found is None:
            for clock in other_times(resource, wish, taken, NOW):
                assert place(resource, replace(wish, clock=clock), taken, NOW)
            for day in other_days(resource, wish, taken, NOW, days=3):
                there = replace(wish, day=day)
                assert place(resource, there, taken, NOW) or other_times(resource, there, taken, NOW)
            continue
        assert found.start == moment_of(resource, wish)
        new = [Held(unit, found.start, found.end) for unit in found.units]
        assert len(set(found.units)) == len(found.units)
        for one in new:
            assert all(one.unit != other.unit or one.end <= other.start or other.end <= one.start for other in held)
        if isinstance(resource, Tables):
            seats = {table.id: table.seats for table in resource.tables}
            assert sum(seats[unit] for unit in found.units) >= wish.party_size
            assert len(found.units) <= resource.join
        held += new
