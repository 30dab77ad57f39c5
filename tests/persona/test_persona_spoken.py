"""Values read aloud, as `spoken_cases.yaml` has them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.acts import Money, PersonName, Range, Recording
from engine.effects import Typed
from engine.persona import spoken as room
from engine.persona.readings import READINGS
from engine.persona.spoken import STYLES, echo, echo_template, fill, placeholders, spoken, styles
from engine.persona.spoken_languages import reading, spoken_languages
from engine.persona.wording import ENGLISH, unworded, wording

CASES = yaml.load((Path(__file__).parent / "spoken_cases.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
TYPED = yaml.safe_load((Path(__file__).parent / "spoken_cases.yaml").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(CASES["now"])


def value_of(type_name: str, text: Any, typed: Any) -> object:
    """A value of a case, made from its text as the type has it."""
    if type_name.endswith(" list"):
        kind = type_name.removesuffix(" list")
        return [value_of(kind, one, other) for one, other in zip(text, typed, strict=True)]
    if type_name.endswith(" range"):
        kind = type_name.removesuffix(" range")
        return Range(*(value_of(kind, text[end], typed[end]) if typed[end] else None for end in ("start", "end")))
    if text == "recording":
        return Recording("caller-1.wav", 2.0)
    makers: dict[str, Any] = {
        "date": date.fromisoformat,
        "date_of_birth": date.fromisoformat,
        "time": time.fromisoformat,
        "datetime": datetime.fromisoformat,
        "duration": lambda written: timedelta(minutes=int(written.split()[0])),
        "nights": lambda written: timedelta(minutes=int(written.split()[0])),
        "money": lambda written: Money(Decimal(written.split()[0]), written.split()[1]),
        "person_name": lambda parts: PersonName(*parts),
    }
    if type_name in ("party_size", "number", "yes_no") or (type_name == "money" and not isinstance(typed, str)):
        return typed
    return makers.get(type_name, str)(text)


def rows() -> list[Any]:
    found = []
    for language in spoken_languages():
        for text, typed in zip(CASES[language], TYPED[language], strict=True):
            style = text[2] if len(text) == 4 else None
            name = f"{language} {text[0]} {text[1]} {style or ''}".strip()
            found.append(
                pytest.param(language, text[0], value_of(text[0], text[1], typed[1]), style, text[-1], id=name)
            )
    return found


@pytest.mark.parametrize(("language", "type_name", "value", "style", "said"), rows())
def test_read_aloud(language: str, type_name: str, value: object, style: str | None, said: str) -> None:
    assert spoken(Typed(type_name, value), style, language, NOW) == said


@pytest.mark.parametrize("case", CASES["echoes"], ids=lambda case: case["template"] or "nothing")
def test_read_back(case: dict[str, Any]) -> None:
    slots = [(name, type_name, label) for name, type_name, label, _ in case["slots"]]
    assert echo_template(slots) == case["template"]
    values = []
    for name, type_name, label, text in case["slots"]:
        made = int(text) if type_name == "party_size" else value_of(type_name, text, text)
        speech: Any = "last3" if name in case.get("last3", ()) else "full"
        values.append((label, Typed(type_name, made, speech=speech)))
    assert echo(values, "en-GB", NOW) == case["said"]


@pytest.mark.parametrize(("type_name", "value", "error"), CASES["faults"])
def test_a_value_of_another_type_is_our_fault(type_name: str, value: str, error: str) -> None:
    with pytest.raises(TypeError):
        spoken(Typed(type_name, value), None, "en-GB", NOW)


def test_an_unknown_style_is_our_fault() -> None:
    with pytest.raises(ValueError, match=r"has no style 'loud'; it has short"):
        spoken(Typed("time", time(19, 30)), "loud", "en-GB", NOW)


def test_an_unknown_placeholder_is_our_fault() -> None:
    with pytest.raises(KeyError):
        fill("On {day}.", {}, "en-GB", NOW)


def test_languages() -> None:
    assert reading("en-IE") is READINGS["en-GB"]
    with pytest.raises(LookupError, match="no reading of values for the language 'xx-XX'"):
        reading("xx-XX")


def test_every_type_has_styles_and_a_case() -> None:
    assert set(room._READERS) <= set(STYLES)
    shown = {row[0] for row in CASES["en-GB"]}
    assert set(room._READERS) <= shown
    said = {(row[0], row[2]) for row in CASES["en-GB"] if len(row) == 4}
    for type_name in room._READERS:
        assert {(type_name, style) for style in STYLES[type_name]} <= said


def test_every_language_is_complete() -> None:
    for words in map(reading, spoken_languages()):
        assert all((*words.days, *words.nights, words.days_hours)), "lengths of a day and more"
        assert {"GBP", "EUR", "USD"} <= set(words.currencies)
        assert (len(words.small), len(words.digits), len(words.weekdays), len(words.months)) == (60, 10, 7, 12)
        assert len(words.ordinals) == 31
        assert words.parts[0][0] == 0


def test_placeholders_of_a_text() -> None:
    text = "On {day:short} at {time}, {other.thing}; {not a one} { nor this }"
    assert placeholders(text) == (("day", "short"), ("time", None), ("other.thing", None))


@given(st.times(), st.sampled_from(sorted(spoken_languages())))
def test_any_time_reads_as_itself_alone(moment: time, language: str) -> None:
    """Two minutes of a day never sound the same in full."""
    said = spoken(Typed("time", moment), None, language, NOW)
    other = (datetime.combine(NOW, moment) + timedelta(hours=12)).time()
    assert said
    assert "{" not in said
    assert said != spoken(Typed("time", other), None, language, NOW)


def test_no_two_minutes_sound_the_same() -> None:
    for language in spoken_languages():
        moments = [time(minute // 60, minute % 60) for minute in range(24 * 60)]
        assert len({spoken(Typed("time", moment), None, language, NOW) for moment in moments}) == 24 * 60


@given(st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True), st.sampled_from(sorted(spoken_languages())))
def test_no_digit_of_a_number_is_lost(number: str, language: str) -> None:
    words = reading(language)
    said = spoken(Typed("phone", number), None, language, NOW).replace(",", "").split()
    heard = "".join(str(words.digits.index(word)) for word in said if word in words.digits)
    if said[0] == words.plus or not number.startswith("+"):
        assert heard == number.lstrip("+")
    else:  # a number of the home country in its national form
        assert heard.lstrip("0") in number


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)), st.sampled_from(sorted(spoken_languages())))
def test_any_date_names_its_day(day: date, language: str) -> None:
    said = spoken(Typed("date", day), "year", language, NOW)
    words = reading(language)
    for part in (
        words.weekdays[day.weekday()],
        words.months[day.month - 1],
        words.ordinals[day.day - 1],
        str(day.year),
    ):
        assert part in said


def test_styles_of_a_list() -> None:
    assert styles("time list") == ("or", "and", "full")
    assert styles("a type of a later version") == ("spelled",)


@pytest.mark.parametrize("language", ["de", "es"])
def test_frontdesk_says_everything_in_every_shipped_language(language: str) -> None:
    assert not unworded(language), f"write these under `prompts` in engine/languages/{language}.yaml"
    for name, text in ENGLISH.items():
        own = wording(language)[name]
        assert own != text or text.startswith("{"), name
        assert sorted(placeholders(own)) == sorted(placeholders(text)), name
