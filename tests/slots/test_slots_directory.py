"""Known people are found by what was heard of their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.acts import PersonName
from engine.slots.directory import find_person

KNOWN = [
    PersonName(*name.split(" ", 1))
    for name in (
        "Aoife Byrne",
        "Katherine Philips",
        "Stephen Wright",
        "Marcus Odell",
        "Marcus Adele",
        "Jean van Dyke",
        "Siobhan Kelly",
    )
]


@pytest.mark.parametrize(
    ("readings", "person"),
    [
        (["my name is Katherine Philips"], "Katherine Philips"),
        (["Catherine Phillips"], "Katherine Philips"),
        (["steven right"], "Stephen Wright"),
        (["market sold", "Marcus Odell"], "Marcus Odell"),
        (["Jon van Dike"], "Jean van Dyke"),
        (["a o i f e B Y R N E"], "Aoife Byrne"),
        (["Shivon Kelly", "Siobhan Callie"], "Siobhan Kelly"),
    ],
)
def test_a_misheard_name_finds_its_person(readings: list[str], person: str) -> None:
    match = find_person(readings, KNOWN)
    assert match is not None
    assert str(match.person) == person


def test_two_people_of_nearly_the_same_name_leave_little_lead() -> None:
    sure, unsure = find_person(["Siobhan Kelly"], KNOWN), find_person(["Marcus Oddle"], KNOWN)
    assert sure is not None
    assert unsure is not None
    assert sure.lead > 4 * unsure.lead


@pytest.mark.parametrize("readings", [[], [""], ["12 34"]])
def test_nothing_heard_is_nobody(readings: list[str]) -> None:
    assert find_person(readings, KNOWN) is None


def test_nobody_known_is_nobody() -> None:
    assert find_person(["Siobhan Kelly"], []) is None


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_reading_gives_a_score_between_0_and_1(readings: list[str]) -> None:
    match = find_person(readings, KNOWN)
    if match is not None:
        assert match.person in KNOWN
        assert 0 <= match.lead <= match.score <= 1
