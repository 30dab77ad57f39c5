"""Holidays by name: fixed days, days counted from Easter, and days such as the fourth Thursday of November."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from engine.slots.calendar_words import easter, make_day, nth_weekday
from engine.slots.words import any_of

_FIXED: Final = {
    "christmas day": (12, 25), "christmas": (12, 25), "xmas day": (12, 25), "xmas": (12, 25), "christmas eve": (12, 24),
    "xmas eve": (12, 24), "boxing day": (12, 26), "saint stephen's day": (12, 26), "st stephen's day": (12, 26),
    "new year's eve": (12, 31), "new year's day": (1, 1), "new year's": (1, 1), "hogmanay": (12, 31),
    "epiphany": (1, 6), "valentine's day": (2, 14), "valentine day": (2, 14), "valentine's": (2, 14),
    "saint david's day": (3, 1), "st david's day": (3, 1), "saint patrick's day": (3, 17), "st patrick's day": (3, 17),
    "saint patrick": (3, 17), "april fool's day": (4, 1), "april fools": (4, 1), "saint george's day": (4, 23),
    "st george's day": (4, 23), "may day": (5, 1), "midsummer day": (6, 24), "independence day": (7, 4),
    "halloween": (10, 31), "all saints' day": (11, 1), "bonfire night": (11, 5), "guy fawkes night": (11, 5),
    "burns night": (1, 25), "veterans day": (11, 11), "remembrance day": (11, 11), "saint andrew's day": (11, 30),
    "st andrew's day": (11, 30), "juneteenth": (6, 19),
}  # fmt: skip
_FROM_EASTER: Final = {
    "shrove tuesday": -47, "pancake day": -47, "mardi gras": -47, "ash wednesday": -46, "palm sunday": -7,
    "maundy thursday": -3, "good friday": -2, "holy saturday": -1, "easter saturday": -1, "easter sunday": 0,
    "easter sun": 0, "easter day": 0, "easter": 0, "easter monday": 1, "easter mon": 1, "ascension day": 39,
    "whit sunday": 49, "pentecost": 49, "whit monday": 50,
}  # fmt: skip
_Nth = tuple[int, int, int, int]
"""Month, weekday (0 is Monday), which one of the month (-1 the last), and days after it."""
_NTH: Final[dict[str, _Nth]] = {
    "thanksgiving day": (11, 3, 4, 0), "thanksgiving": (11, 3, 4, 0), "black friday": (11, 3, 4, 1),
    "cyber monday": (11, 3, 4, 4), "labor day": (9, 0, 1, 0), "memorial day": (5, 0, -1, 0),
    "martin luther king day": (1, 0, 3, 0), "mlk day": (1, 0, 3, 0), "presidents' day": (2, 0, 3, 0),
    "columbus day": (10, 0, 2, 0), "father's day": (6, 6, 3, 0), "mother's day": (5, 6, 2, 0),
    "early may bank holiday": (5, 0, 1, 0), "may bank holiday": (5, 0, 1, 0), "may day bank holiday": (5, 0, 1, 0),
    "spring bank holiday": (5, 0, -1, 0), "august bank holiday": (8, 0, -1, 0), "summer bank holiday": (8, 0, -1, 0),
}  # fmt: skip
_MOTHERING: Final = -21
"""Mothering Sunday, which is Mother's Day in the United Kingdom and Ireland, in days from Easter."""


def _without_signs(name: str) -> str:
    return name.replace("'", "")


_NAMES: Final = {
    form: name for name in (*_FIXED, *_FROM_EASTER, *_NTH, "mothering sunday") for form in (name, _without_signs(name))
}
_PLAIN: Final = frozenset(
    """christmas day, xmas day, christmas eve, xmas eve, boxing day, new year's eve, new year's day, valentine's day,
    valentine day, saint patrick's day, st patrick's day, saint patrick, halloween, good friday, easter sunday,
    easter monday""".replace("\n    ", " ").split(", ")
)
"""Those that are the same day wherever English is spoken, and no season ("Christmas", "Easter")."""
FEAST: Final = rf"(?:{any_of(_NAMES)}(?! ?(?:weekend|week|holidays?|period|time|break|menu|party|lunch|dinner)\b))"
"""Matches a holiday on a folded text."""
FEAST_WORDS: Final = tuple(_NAMES)


def is_plain(words: str, language: str) -> bool:
    """Whether everybody means the same day by it. Of some there are several: a mother's day for each country."""
    name = _NAMES[words.replace("-", " ")]
    return name in _PLAIN or (name.startswith("thanksgiving") and language.lower() == "en-us")


def feast(words: str, today: date, year: int | None, language: str) -> date | None:
    """The next holiday of this name from today on, or that of `year`; `language` as `en-GB`."""
    name = _NAMES[words.replace("-", " ")]
    if year is not None:
        return _in_year(name, year, language)
    return next((day for day in _coming(name, today, language) if day and day >= today), None)


def _coming(name: str, today: date, language: str) -> Iterator[date | None]:
    return (_in_year(name, year, language) for year in range(today.year, today.year + 3))


def _in_year(name: str, year: int, language: str) -> date | None:
    if not 1 <= year <= 9998:
        return None
    if name in _FIXED:
        return make_day(year, *_FIXED[name])
    if name == "mothering sunday" or (name == "mother's day" and language.lower() != "en-us"):
        return easter(year) + timedelta(days=_MOTHERING)
    if name in _FROM_EASTER:
        return easter(year) + timedelta(days=_FROM_EASTER[name])
    month, weekday, nth, days = _NTH[name]
    found = nth_weekday(year, month, weekday, nth)
    return None if found is None else found + timedelta(days=days)
