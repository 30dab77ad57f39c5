"""The section `phrases` of a language file as the tables that the phrase stages read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.languages.template import accented, any_phrase, compiled
from engine.slots.grammar.loading import load
from engine.understanding.language_words import Words

_TABLES: Final = ("whole", "inside", "same", "contractions", "concepts", "signs", "openings", "orders", "slot_words")
_LISTS: Final = (
    "yielding", "fillers", "hesitations", "light", "articles", "endings", "background", "small_talk", "correction",
    "any_of_them", "no_matter", "later", "earlier",
)  # fmt: skip
_OWN: Final = ("order", "order_number", "in_question", "clause", "make_it", "phrasal")
"""Keys that become a pattern or a table of their own shape."""


@lru_cache(maxsize=32)
def words_of(sheet: Sheet) -> Words:
    """The tables of a language; what its file leaves out is empty. Raises SettingsError for what is wrong in it."""
    load(sheet)
    given = dict(sheet.section("phrases"))
    own = {name: given.pop(name, ()) for name in _OWN}
    data: dict[str, Any] = {**{name: {} for name in _TABLES}, **dict.fromkeys(_LISTS, ()), **given}
    data["language"] = sheet.language
    data["phrasal"] = {(first, second): meaning for first, second, meaning in own["phrasal"]}
    data["order"] = _order(own["order"], own["order_number"], data["orders"])
    data["in_question"] = re.compile(rf"(?:\s|{any_phrase(own['in_question']).pattern})*")
    data["clause"] = re.compile(rf"[,.;!?]+|{any_phrase(own['clause']).pattern}")
    data["make_it"] = re.compile(rf"{any_phrase(own['make_it']).pattern}\s+(?=\w)")
    return build(Words, data, f"{sheet.file}: phrases")


def _order(named: Sequence[str], numbered: Sequence[str], orders: Mapping[str, str]) -> re.Pattern[str]:
    """Places in a list: `{order}` of the first templates is the group `order`, of the others the group `number`."""
    either = f"(?:{'|'.join(accented(word) for word in sorted(orders, key=len, reverse=True)) or '(?!)'})"
    first = "|".join(compiled(template, {"order": either}, accented).pattern for template in named) or "(?!)(?P<order>)"
    other = "|".join(compiled(template, {"order": either}, accented).pattern for template in numbered)
    return re.compile(f"{first}|{(other or '(?!)(?P<order>)').replace('(?P<order>', '(?P<number>')}")
