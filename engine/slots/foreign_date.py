"""The last tier for days, where one was asked for: other languages than English, by dateparser."""

from __future__ import annotations

from engine.slots.registry import Context, Mention
from engine.slots.words import span_of

_UNSURE = 0.6
_MOST_WORDS = 6


def foreign(text: str, context: Context) -> list[Mention]:
    """The day that a short answer in another language names; never sure, and nothing for English."""
    language = context.language.split("-")[0].lower()
    span = span_of(text, 0, len(text))
    if language == "en" or not span.text or len(span.text.split()) > _MOST_WORDS:
        return []
    import dateparser  # half the start-up of this package, and English callers never need it

    settings = {
        "RELATIVE_BASE": context.now.replace(tzinfo=None),
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY",
        "REQUIRE_PARTS": ["day", "month"],
    }
    try:
        found = dateparser.parse(span.text, languages=[language], settings=settings)
    except ValueError:
        return []  # dateparser does not know the language
    return [Mention((found.date(),), span, _UNSURE)] if found else []
