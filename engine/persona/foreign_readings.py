"""How languages other than English read values aloud: the section `reading` of their files."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any, Final

from engine.errors import SettingsError
from engine.languages.building import build
from engine.languages.counting import Counting, counting, in_words, ordinal_word
from engine.languages.sheet import Sheet
from engine.persona.readings import Reading

_MINUTES: Final = 60
_DAYS: Final = 31
_MAY_LACK: Final = frozenset({"mend"})


@lru_cache(maxsize=32)
def reading_of(sheet: Sheet) -> Reading | None:
    """The reading of a language; None where its file has none. Number words come from its section `numbers`; `ordinal`
    is the pattern of a day's number over `{number}` and `{word}`, and `every_minute` of all minutes that `clock` does
    not name. Raises SettingsError for a reading that is not complete: the rest would be read in English."""
    given = dict(sheet.section("reading"))
    if not given:
        return None
    numbers, where = counting(sheet), f"{sheet.file}: reading"
    data: dict[str, Any] = given | _numbered(given.pop("ordinal", "{number}"), numbers)
    if every := data.pop("every_minute", None):
        minutes = {str(minute): every.replace("{minute}", str(minute)) for minute in range(_MINUTES)}
        data["clock"] = {**minutes, **data.get("clock", {})}
    data["parts_of_day"] = sheet.section("parts_of_day")
    lacking = [entry.name for entry in fields(Reading) if entry.name not in data and entry.name not in _MAY_LACK]
    if lacking:
        raise SettingsError(f"{where}: the key `{lacking[0]}` is missing")
    return build(Reading, data, where)


def _numbered(ordinal: str, numbers: Counting) -> dict[str, Any]:
    """What follows from how the language counts."""
    days = range(1, _DAYS + 1)
    return {
        "small": [in_words(number, numbers) for number in range(_MINUTES)],
        "digits": [in_words(digit, numbers) for digit in range(10)],
        "ordinals": [ordinal.format(number=day, word=ordinal_word(day, numbers)) for day in days],
    }
