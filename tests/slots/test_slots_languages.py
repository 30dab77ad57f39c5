"""Other languages: cases by language and type in `cases/<language>/`, a language made of one file, and any text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.slots  # noqa: F401  (fills the registry)
from engine.acts import SURE
from engine.errors import SettingsError
from engine.languages.counting import counting, in_words, ordinal_word
from engine.languages.sheet import ADDED, read_sheet, sheet_of
from engine.slots.registry import TYPES, Context

CASES = Path(__file__).parent / "cases"
ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
SHIPPED = ("de", "es")
FEWEST = {"date": 40, "time": 40, "number": 30, "yes_no": 40}


def load() -> Iterator[Any]:
    for path in sorted(file for language in SHIPPED for file in (CASES / language).glob("*.yaml")):
        page = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, case in enumerate(page["cases"], start=1):
            name = f"{path.parent.name}-{path.stem}-{number}-{case['say']}"
            yield pytest.param(path.parent.name, path.stem, page, case, id=name)


@pytest.mark.parametrize(("language", "type_name", "page", "case"), list(load()))
def test_case(language: str, type_name: str, page: dict[str, Any], case: dict[str, Any]) -> None:
    kind = TYPES[type_name]
    now = datetime.fromisoformat(page["now"]).replace(tzinfo=ZONE)
    options = dict(page.get("options", {}))
    if "choices" in page:
        options["choices"] = tuple(SimpleNamespace(**{"hear": (), **choice}) for choice in page["choices"])
    context = Context(now, language, case.get("asked", False), options)
    mentions = kind.find(str(case["say"]), context)
    wanted = [mention for mention in mentions if not mention.excluded]
    assert [kind.to_json(value) for mention in wanted for value in mention.candidates] == _plain(case["get"])
    refused = [kind.to_json(value) for mention in mentions if mention.excluded for value in mention.candidates]
    assert refused == _plain(case.get("excluded", []))
    if "words" in case:
        assert [mention.span.text for mention in wanted] == [case["words"]]
    if wanted and type_name != "yes_no":
        assert all(mention.confidence >= SURE for mention in wanted) != case.get("unsure", False), "confidence"


def _plain(values: list[Any]) -> list[Any]:
    return [value if isinstance(value, str | int | float | dict) else str(value) for value in values]


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("type_name", sorted(FEWEST))
def test_there_are_enough_cases(language: str, type_name: str) -> None:
    page = yaml.safe_load((CASES / language / f"{type_name}.yaml").read_text(encoding="utf-8"))
    assert len(page["cases"]) >= FEWEST[type_name]
    assert any(not case["get"] for case in page["cases"]), "words that must give nothing"


@pytest.mark.parametrize("language", SHIPPED)
@settings(deadline=None)  # the first example makes a language's tables
@given(number=st.integers(0, 99))
def test_a_number_that_is_said_is_heard(language: str, number: int) -> None:
    sheet = sheet_of(language)
    assert sheet is not None
    said = in_words(number, counting(sheet))
    (mention,) = TYPES["number"].find(said, Context(NOW, language, asked=True))
    assert mention.candidates == (number,)
    assert mention.span.text == said


@settings(deadline=None)  # the first example makes a language's tables
@given(day=st.integers(1, 31))
def test_a_german_ordinal_that_is_said_is_heard(day: int) -> None:
    sheet = sheet_of("de")
    assert sheet is not None
    said = f"am {ordinal_word(day, counting(sheet))}en Januar"
    (mention,) = TYPES["date"].find(said, Context(NOW, "de"))
    assert [value.isoformat() for value in mention.candidates] == [f"2027-01-{day:02d}"]  # type: ignore[attr-defined]


WORDS = {
    "de": "am um halb viertel vor nach acht fünf uhr und zwanzig einundzwanzig der dritte nicht oder morgen freitag"
    " märz für wir sind personen ich meine frau zwei kinder ja nein das stimmt name ist null doppel 12 7:30 3.12. , .",
    "es": "a las la y media cuarto menos ocho cinco de tarde mañana el tres no o viernes marzo para somos personas yo"
    " mi mujer dos niños sí claro me llamo cero doble coma 12 7:30 3/12 veinte treinta que viene semana , .",
}


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize(
    "type_name", ["date", "time", "number", "party_size", "phone", "digits", "person_name", "yes_no"]
)
@settings(deadline=None)  # the first example makes a language's tables
@given(data=st.data())
def test_any_text_gives_true_spans_and_values(language: str, type_name: str, data: st.DataObject) -> None:
    speech = st.lists(st.sampled_from(WORDS[language].split()), max_size=12).map(" ".join)
    text = data.draw(speech | st.text(max_size=50))
    kind = TYPES[type_name]
    for mention in kind.find(text, Context(NOW, language, data.draw(st.booleans()))):
        span = mention.span
        assert text[span.start : span.end] == span.text
        assert span.text
        assert mention.candidates
        assert 0 < mention.confidence <= 1
        for value in mention.candidates:
            assert kind.from_json(kind.to_json(value)) == value


MADE_UP = """
language: qx
numbers:
  zero: [nol]
  units: {1: [un], 2: [du], 3: [tri], 4: [kvar]}
  own: {10: [dek], 12: [dekdu]}
  tens: {20: [dudek]}
  links: [kaj]
  order: units_first
  ordinals: {3: [tria], 4: [kvara]}
dates:
  months: {1: [zan], 2: [feb], 3: [mar]}
  weekdays: {4: [ven]}
  days: {1: [morgo]}
  day_month: ["{day} de {month}"]
times:
  clock: ["je la {hour}"]
  offsets: {"-30": ["duon {hour}"]}
  parts: {15-23: [vespere]}
people:
  counted: ["por {n} homoj"]
answers:
  filler: [nu]
  yes: [jes]
  no: [ne]
  yes_inside: [jes]
  no_inside: [ne]
  yes_later: [jes]
  no_later: [ne]
  unsure: [eble]
"""


@pytest.mark.parametrize(
    ("type_name", "say", "expected"),
    [
        ("date", "morgo", ["2026-11-25"]),
        ("date", "tria de mar", ["2027-03-03"]),
        ("date", "20 de feb", ["2027-02-20"]),
        ("time", "je la kvar vespere", ["16:00"]),
        ("time", "duon kvar", ["03:30", "15:30"]),
        ("number", "du kaj dudek", [22]),
        ("party_size", "por dekdu homoj", [12]),
        ("phone", "nol un du tri kvar un du tri kvar un du", ["01234123412"]),
        ("yes_no", "nu jes", [True]),
        ("yes_no", "ne", [False]),
        ("yes_no", "eble jes", []),
        ("date", "hodiau", []),
    ],
)
def test_a_language_is_one_file(type_name: str, say: str, expected: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADDED, "qx", read_sheet(MADE_UP))
    kind = TYPES[type_name]
    asked = type_name in ("number", "yes_no")
    found = kind.find(say, Context(NOW, "qx-AA", asked, {}))
    assert [kind.to_json(value) for mention in found for value in mention.candidates] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("language: [", "cannot be read as YAML"),
        ("dates: {}", "a language begins with its tag"),
        ("{language: qx, date: {}}", "there is no section `date`"),
        ("{language: qx, dates: {dayss: {}}}", "there is no key `dayss`; did you mean `days`"),
        ("{language: qx, dates: {days: {one: [a]}}}", "'one' is no int"),
        ('{language: qx, dates: {alone: ["am [{day}"]}}', "lacks a `]`"),
        ('{language: qx, dates: {alone: ["am {dya}"]}}', "asks for {dya}"),
        ('{language: qx, dates: {alone: ["{day} {day}"]}}', "cannot be used"),
        ("{language: qx, dates: {order: ymd}}", "'ymd' is none of dmy, mdy"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def tomorrow() -> None:
        monkeypatch.setitem(ADDED, "qx", read_sheet(text))
        TYPES["date"].find("morgo", Context(NOW, "qx"))

    with pytest.raises(SettingsError, match=re.escape(message)):
        tomorrow()
