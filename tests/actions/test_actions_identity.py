"""Who may hear, move or cancel a booking: every kind of proof, and names as they are heard."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.identity import Claim, Holder, phone_key, proves, same_name
from engine.acts import PersonName, Recording

CASES = yaml.safe_load((Path(__file__).parent / "identity_cases.yaml").read_text())
HOLDER = Holder("481203", "+447700900123", PersonName("Maria", "Rossi"), date(1980, 3, 4))


def name_of(text: str | None) -> PersonName | Recording | None:
    """`Maria Rossi`, `_ Rossi` (last name only), `Maria _`, or `sound`."""
    if text is None or text == "sound":
        return Recording("name.wav", 1.0) if text else None
    first, _, last = (text.replace("_", "") + ("" if " " in text else " ")).partition(" ")
    return PersonName(first, last)


@pytest.mark.parametrize("case", CASES["proofs"], ids=lambda case: case["what"])
def test_a_claim_opens_a_booking_or_does_not(case: dict[str, str]) -> None:
    born = case.get("born")
    claim = Claim(
        reference=case.get("reference"),
        phone=case.get("phone"),
        line=case.get("line"),
        name=name_of(case.get("name")),
        date_of_birth=date.fromisoformat(born) if born else None,
    )
    recorded = Holder(HOLDER.reference, HOLDER.phone, Recording("a.wav", 1.0), HOLDER.date_of_birth)
    holder = recorded if case.get("recorded") else HOLDER
    assert proves(claim, holder, "GB") is (case["opens"] == "yes")


@pytest.mark.parametrize("pair", CASES["same"], ids=str)
def test_one_person_heard_or_spelled_differently(pair: list[str]) -> None:
    assert same_name(name_of(pair[0]), name_of(pair[1]))


@pytest.mark.parametrize("pair", CASES["different"], ids=str)
def test_two_people_stay_two_people(pair: list[str]) -> None:
    assert not same_name(name_of(pair[0]), name_of(pair[1]))


@pytest.mark.parametrize(("number", "key"), list(CASES["numbers"].items()))
def test_a_number_has_one_form(number: str, key: str) -> None:
    assert phone_key(number, "GB") == key


@given(st.text(max_size=40), st.sampled_from([None, "GB", "IT", "XX"]))
def test_any_text_has_a_form_that_stays(number: str, country: str | None) -> None:
    key = phone_key(number, country)
    assert phone_key(key, country) == key


NAMES = st.builds(PersonName, st.text(max_size=12), st.text(max_size=12))


@given(NAMES, NAMES)
def test_being_the_same_name_goes_both_ways(one: PersonName, other: PersonName) -> None:
    assert same_name(one, other) == same_name(other, one)


KNOWN = (PersonName("Maria", "Rossi"), PersonName("Peter", "Rosen"), PersonName("Carla", "Bianchi"))


@pytest.mark.parametrize(
    ("readings", "held", "opens"),
    [
        (("marie at ross he", "maria rossi"), KNOWN[0], True),  # the second reading has it
        (("mary a rose", "maria rossie"), KNOWN[0], True),
        (("carla bianca", "carl at bianchi"), KNOWN[2], True),
        (("carla bianca", "carl at bianchi"), KNOWN[0], False),
        (("peter miller", "pete a mill"), KNOWN[0], False),
        ((), KNOWN[0], False),
    ],
)
def test_a_name_is_found_through_the_readings_of_the_recogniser(
    readings: tuple[str, ...], held: PersonName, opens: bool
) -> None:
    claim = Claim(name=PersonName("Marie", "Atros", readings), date_of_birth=HOLDER.date_of_birth)
    holder = Holder("481203", None, held, HOLDER.date_of_birth)
    assert proves(claim, holder, "GB", lambda: KNOWN) is opens
    without_second = Claim(name=claim.name, date_of_birth=date(1999, 1, 1))
    assert not proves(without_second, holder, "GB", lambda: KNOWN)


def test_readings_open_no_booking_where_two_people_sound_alike() -> None:
    twins = (PersonName("Anna", "Rossi"), PersonName("Anne", "Rossi"))
    claim = Claim(name=PersonName("Hannah", "Rocky", ("hannah rocky", "ann rossi")), date_of_birth=HOLDER.date_of_birth)
    for twin in twins:
        assert not proves(claim, Holder("481203", None, twin, HOLDER.date_of_birth), "GB", lambda: twins)


def test_readings_make_no_other_name() -> None:
    one, other = PersonName("Maria", "Rossi", ("maria rossi", "mary rosie")), PersonName("Maria", "Rossi")
    assert one == other
    assert len({one, other}) == 1
    assert "rosie" not in repr(one)
