"""Yes, no and maybe by table: the section `answers` of a language as patterns."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.slots.yes_no_words import Forms

_SIGNS = r"[\s,.!?\"-]*"


@lru_cache(maxsize=32)
def forms(sheet: Sheet) -> Forms | None:
    """The patterns of a language; None where its file says nothing about answers."""
    given = sheet.section("answers")
    if not given:
        return None
    made = build(Forms, given, f"{sheet.file}: answers")
    return replace(made, filler=re.compile(rf"(?:{_SIGNS}{made.filler.pattern}{_SIGNS})*\s*"))
