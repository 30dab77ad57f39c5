"""Words around the names of choices by table: what leads to a name and is no part of it, and words that say little."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.languages.template import any_phrase


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """The section `choices`: `leading` words stand before a name ("bei", "con el"), `articles` behind those;
    `light` words never stand for a longer name that holds them."""

    articles: frozenset[str] = frozenset()
    leading: tuple[str, ...] = ()
    light: frozenset[str] = frozenset()


@lru_cache(maxsize=32)
def choice_words(sheet: Sheet) -> tuple[re.Pattern[str], frozenset[str]]:
    """The pattern of all that may lead to a name, and the light words. Raises SettingsError for a faulty file."""
    words = build(ChoiceWords, sheet.section("choices"), f"{sheet.file}: choices")
    leads = any_phrase(sorted((*words.leading, *words.articles), key=len, reverse=True))
    return re.compile(rf"^(?:{leads.pattern}\s+){{0,2}}"), words.light | words.articles
