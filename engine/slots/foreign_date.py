"""The last tier for days, where one was asked for: languages and forms that no grammar covers, by dateparser."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from engine.languages.sheet import base_of
from engine.slots.registry import Context, Mention
from engine.slots.words import span_of

_UNSURE: Final = 0.6
_MOST_WORDS: Final = 6
_ARTICLE: Final = re.compile(r"\w{1,3}\s+(?=\S)")
"""A short word at the beginning ("le", "il", "op") that dateparser does not know."""


def foreign(text: str, context: Context) -> list[Mention]:
    """The day that a short answer in another language names; never sure, and nothing for English."""
    language = base_of(context.language)
    span = span_of(text, 0, len(text))
    if language == "en" or not span.text or len(span.text.split()) > _MOST_WORDS:
        return []
    found = _parsed(span.text, language, context)
    if found is None and (lead := _ARTICLE.match(span.text)) and not lead[0].strip().isdigit():
        span = span_of(text, span.start + lead.end(), span.end)
        found = _parsed(span.text, language, context)
    return [Mention((found,), span, _UNSURE)] if found else []


def _parsed(words: str, language: str, context: Context) -> date | None:
    """The day of a number and a month, or of other words that mean the same day tomorrow (a weekday, but no month)."""
    import dateparser  # half the start-up of this package, and English callers never need it

    def parse(days: int, **settings: object) -> date | None:
        base = {
            "RELATIVE_BASE": context.now.replace(tzinfo=None) + timedelta(days=days),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
        }
        found = dateparser.parse(words, languages=[language], settings={**base, **settings})
        return found.date() if found else None

    try:
        exact = parse(0, REQUIRE_PARTS=["day", "month"])
        if exact or any(sign.isdigit() for sign in words):
            return exact
        day = parse(0)
        return day if day and day == parse(1) else None
    except ValueError:
        return None  # dateparser does not know the language
