"""Slot types find what callers say: cases by type in `cases/`, and what holds for any text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import engine.slots  # noqa: F401  (fills the registry)
from engine.acts import SURE
from engine.slots.datetime import complete
from engine.slots.registry import TYPES, WRAPPERS, Context, type_of

CASES = Path(__file__).parent / "cases"
LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    hear: tuple[str, ...] = ()


def type_name(path: Path) -> str:
    """The type that a file of cases is about: `date_list.yaml` holds those of `date list`."""
    ending = next((ending for ending in WRAPPERS if path.stem.endswith(ending.replace(" ", "_"))), "")
    return path.stem.removesuffix(ending.replace(" ", "_")) + ending


def load() -> list[Any]:
    params = []
    for path in sorted(CASES.glob("*.yaml")):
        page = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, case in enumerate(page["cases"], start=1):
            params.append(pytest.param(type_name(path), page, case, id=f"{path.stem}-{number}-{case['say']}"))
    return params


def context_of(page: dict[str, Any], case: dict[str, Any]) -> Context:
    options = {**page.get("options", {}), **case.get("options", {})}
    if "choices" in page:
        options["choices"] = tuple(Option(c["value"], c["label"], tuple(c.get("hear", ()))) for c in page["choices"])
    written = case.get("now", page["now"])
    now = written if isinstance(written, datetime) else datetime.fromisoformat(written)
    return Context(now.replace(tzinfo=LONDON), case.get("language", "en-GB"), case.get("asked", False), options)


@pytest.mark.parametrize(("type_name", "page", "case"), load())
def test_case(type_name: str, page: dict[str, Any], case: dict[str, Any]) -> None:
    slot_type = type_of(type_name)
    mentions = slot_type.find(case["say"], context_of(page, case))
    wanted = [mention for mention in mentions if not mention.excluded]
    got = [slot_type.to_json(value) for mention in wanted for value in mention.candidates]
    excluded = [slot_type.to_json(value) for mention in mentions if mention.excluded for value in mention.candidates]
    plain = (str, int, float, dict, list)
    as_written = [value if isinstance(value, plain) else str(value) for value in case["get"]]
    assert got == as_written
    assert excluded == [value if isinstance(value, plain) else str(value) for value in case.get("excluded", [])]
    assert any(mention.more for mention in mentions) == case.get("more", False), "more"
    if "words" in case:
        assert [mention.span.text for mention in wanted] == [case["words"]]
    if wanted and type_name != "yes_no":
        sure = all(mention.confidence >= SURE for mention in wanted)
        assert sure != case.get("unsure", False), "confidence"


def test_every_type_has_cases() -> None:
    found = {type_name(path) for path in CASES.glob("*.yaml")}
    assert {name for name in found if name in TYPES} == set(TYPES)
    assert {ending for ending in WRAPPERS if any(name.endswith(ending) for name in found)} == set(WRAPPERS)


KINDS = (
    *sorted(TYPES),
    *(f"{name} list" for name in ("choice", "date", "number", "person_name", "text", "time")),
    *(f"{name} range" for name in ("date", "number", "party_size", "time")),
)
WORDS = [
    "dot",
    "gmail",
    "com",
    "m",
    "s for sugar",
    "all one word",
    "pounds",
    "fifty",
    "euros",
    "hour",
    "minutes",
    "nights",
    "street",
    "flat",
    "sw1a",
    "1aa",
    "@",
    "£20",
    "for",
    "at",
    "the",
    "of",
    "to",
    "from",
    "between",
    "until",
    "before",
    "also",
    "on",
    "a",
    "and",
    "or",
    "not",
    "no",
    "yes",
    "next",
    "week",
    "month",
    "friday",
    "saturday",
    "march",
    "third",
    "5th",
    "twenty",
    "two",
    "seven",
    "half",
    "quarter",
    "past",
    "tomorrow",
    "tonight",
    "people",
    "us",
    "me",
    "my",
    "wife",
    "kids",
    "name",
    "is",
    "under",
    "double",
    "oh",
    "12",
    "7:30",
    "3/10",
    "1999",
    "pm",
    "am",
    "point",
    "hundred",
    ",",
    ".",
    "'",
    "’",
    "-",
    "31",
    "30",
]
SPEECH = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@pytest.mark.parametrize("type_name", KINDS)
@given(text=SPEECH | st.text(max_size=60), asked=st.booleans(), american=st.booleans())
def test_any_text_gives_true_spans_and_round_trips(type_name: str, text: str, asked: bool, american: bool) -> None:
    slot_type = type_of(type_name)
    now = datetime(2028, 2, 29, 23, 30, tzinfo=LONDON)
    options = {"choices": (Option("one", "the first"), Option("two", "the second", ("half", "quarter")))}
    for mention in slot_type.find(text, Context(now, "en-US" if american else "en-GB", asked, options)):
        span = mention.span
        assert text[span.start : span.end] == span.text
        assert span.start < span.end
        assert 0 < mention.confidence <= 1
        assert mention.candidates
        for value in mention.candidates:
            assert slot_type.from_json(slot_type.to_json(value)) == value


@pytest.mark.parametrize("type_name", KINDS)
@given(keys=st.text(alphabet="0123456789*#", max_size=16))
def test_any_keys_give_values_or_nothing(type_name: str, keys: str) -> None:
    slot_type = type_of(type_name)
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), "en-GB", True, {})
    for value in slot_type.from_keys(keys, context):
        assert slot_type.from_json(slot_type.to_json(value)) == value


@pytest.mark.parametrize(
    ("type_name", "keys", "language", "expected"),
    [
        ("time", "0730", "en-GB", ["07:30", "19:30"]),
        ("time", "1930", "en-GB", ["19:30"]),
        ("time", "2560", "en-GB", []),
        ("date", "2512", "en-GB", ["2026-12-25"]),
        ("date", "1225", "en-US", ["2026-12-25"]),
        ("date", "3102", "en-GB", []),
        ("date_of_birth", "17081938", "en-GB", ["1938-08-17"]),
        ("date_of_birth", "17082938", "en-GB", []),
        ("yes_no", "1", "en-GB", [True]),
        ("yes_no", "2", "en-GB", [False]),
        ("yes_no", "3", "en-GB", []),
        ("party_size", "12", "en-GB", [12]),
        ("party_size", "0", "en-GB", []),
        ("phone", "07700900123", "en-GB", ["07700900123"]),
        ("phone", "12", "en-GB", []),
        ("number", "42", "en-GB", [42]),
        ("person_name", "42", "en-GB", []),
        ("datetime", "25121930", "en-GB", ["2026-12-25T19:30"]),
        ("datetime", "12250730", "en-US", ["2026-12-25T07:30", "2026-12-25T19:30"]),
        ("datetime", "2512", "en-GB", ["2026-12-25"]),
        ("datetime", "1930", "en-GB", ["19:30"]),
        ("datetime", "31021930", "en-GB", []),
        ("duration", "90", "en-GB", [90]),
        ("duration", "0", "en-GB", []),
        ("money", "20", "en-GB", [{"amount": 20, "currency": "GBP"}]),
        ("money", "12*5", "en-GB", [{"amount": 12.5, "currency": "GBP"}]),
        ("money", "12*50", "en-US", [{"amount": 12.5, "currency": "USD"}]),
        ("money", "*50", "en-GB", []),
        ("money", "0", "en-GB", []),
        ("postcode", "10115", "en-GB", []),
        ("email", "42", "en-GB", []),
        ("address", "42", "en-GB", []),
        ("text", "42", "en-GB", []),
    ],
)
def test_keys(type_name: str, keys: str, language: str, expected: list[Any]) -> None:
    slot_type = type_of(type_name)
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), language, True, {"country": "GB"})
    assert [slot_type.to_json(value) for value in slot_type.from_keys(keys, context)] == expected


@pytest.mark.parametrize("type_name", KINDS)
@pytest.mark.parametrize("data", [None, [], {"nope": 1}, object()])
def test_no_value_is_refused(type_name: str, data: Any) -> None:
    with pytest.raises(ValueError, match="no"):
        type_of(type_name).from_json(data)


@pytest.mark.parametrize(
    ("country", "keys", "expected"),
    [
        ("DE", "10115", ["10115"]),
        ("DE", "00123", []),
        ("ES", "99001", []),
        ("FR", "75008", ["75008"]),
        ("US", "90210", ["90210"]),
        ("US", "902101234", ["90210-1234"]),
        ("CH", "8001", ["8001"]),
        ("AT", "0010", []),
        ("PT", "1000205", ["1000-205"]),
        ("GB", "10115", []),
        ("IE", "1234567", []),
        ("NL", "1012", []),
    ],
)
def test_postcodes_by_keys(country: str, keys: str, expected: list[str]) -> None:
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), "en-GB", True, {"country": country})
    postcode = TYPES["postcode"]
    assert list(postcode.from_keys(keys, context)) == expected
    assert (postcode.keypad(context.options) is None) == (country in ("GB", "IE", "NL"))


def test_a_length_in_nights_by_keys_and_by_a_bare_number() -> None:
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), "en-GB", True, {"unit": "nights"})
    duration = TYPES["duration"]
    assert [duration.to_json(value) for value in duration.from_keys("2", context)] == [2880]
    assert [duration.to_json(value) for value in duration.find("three", context)[0].candidates] == [4320]


@pytest.mark.parametrize(
    ("part", "others", "expected"),
    [
        ("19:30", ["2026-12-25"], ["2026-12-25T19:30"]),
        ("2026-12-25", ["07:30", "19:30"], ["2026-12-25T07:30", "2026-12-25T19:30"]),
        ("20:00", ["2026-12-25T19:30"], ["2026-12-25T20:00"]),
        ("2026-12-26", ["2026-12-25T19:30"], ["2026-12-26T19:30"]),
        ("2026-12-26", ["2026-12-25"], []),
        ("20:00", ["19:30"], []),
        ("20:00", [], []),
    ],
)
def test_a_day_or_a_time_completes_what_is_known(part: str, others: list[str], expected: list[str]) -> None:
    moment = TYPES["datetime"]
    made = complete(moment.from_json(part), [moment.from_json(other) for other in others])
    assert [moment.to_json(value) for value in made] == expected


@given(
    st.from_regex(r"[a-z][a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}", fullmatch=True),
    st.sampled_from(["gmail.com", "hotmail.co.uk", "example.org", "web.de"]),
)
def test_an_address_that_is_spelled_is_understood(local: str, domain: str) -> None:
    said = {".": "dot", "-": "dash", "_": "underscore"}
    words = " ".join(said.get(sign, sign) for sign in local) + " at " + domain.replace(".", " dot ")
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), "en-GB", True, {})
    found = TYPES["email"].find(f"it's {words}", context)
    assert [mention.candidates for mention in found] == [(f"{local}@{domain}",)]


@given(st.integers(min_value=3, max_value=59), st.integers(min_value=1, max_value=11))
def test_hours_and_minutes_add_up(minutes: int, hours: int) -> None:
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), "en-GB", True, {})
    found = TYPES["duration"].find(f"{hours} hours and {minutes} minutes", context)
    assert [TYPES["duration"].to_json(value) for value in found[0].candidates] == [hours * 60 + minutes]


@given(st.integers(min_value=1, max_value=99_999), st.integers(min_value=0, max_value=99))
def test_an_amount_survives_keys_and_json(whole: int, cents: int) -> None:
    context = Context(datetime(2026, 11, 24, 10, tzinfo=LONDON), "en-GB", True, {"currency": "EUR"})
    money = TYPES["money"]
    (value,) = money.from_keys(f"{whole}*{cents:02d}", context)
    assert str(value) == f"{whole}.{cents:02d} EUR"
    assert money.from_json(money.to_json(value)) == money.from_json(str(value)) == value
