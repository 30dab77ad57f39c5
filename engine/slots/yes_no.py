"""Yes and no in all the forms that people use; "not really", "I don't think so" and "maybe" are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from engine.effects import Keypad
from engine.languages.sheet import base_of, sheet_of
from engine.slots.grammar.answers import forms
from engine.slots.registry import Context, Mention, register
from engine.slots.words import fold, span_of
from engine.slots.yes_no_words import FORMS, Forms

Answer = Literal["yes", "no", "unsure"]


class YesNo:
    """Values are `True` and `False`."""

    name = "yes_no"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        if not context.asked:
            return ()
        answer = answer_in(text, context.language)
        if answer is None:
            return ()
        value, start, end, sure = answer
        return [Mention((value,), span_of(text, start, end), sure)]

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=1)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        return {"1": (True,), "2": (False,)}.get(keys, ())

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, bool):
            raise ValueError(f"{data!r} is neither true nor false")
        return data


def answer_in(text: str, language: str) -> tuple[bool, int, int, float] | None:
    """Yes or no, where it stands and how sure that is; None for neither and for maybe. `language` as `en-GB`."""
    known = forms_of(language)
    if known is None:
        return None
    low = fold(text)
    if known.unsure.search(low):
        return None
    return _opening(low, known) or _judged(low, known)


def yes_before(text: str, language: str, end: int) -> tuple[bool, int, int, float] | None:
    """The yes before a correction that begins at `end` ("yes, but at nine"); None where there is none."""
    known = forms_of(language)
    found = known.but.search(fold(text)) if known is not None else None
    answer = answer_in(text[: found.start()], language) if found is not None and found.end() <= end else None
    return answer if answer is not None and answer[0] else None


def is_unsure(text: str, language: str) -> bool:
    """Whether the words leave it open ("maybe", "I'm not sure")."""
    known = forms_of(language)
    return known is not None and known.unsure.search(fold(text)) is not None


def forms_of(language: str) -> Forms | None:
    """The words for yes and no of a language; None where we know none."""
    other = sheet_of(language)
    return forms(other) if other else FORMS.get(base_of(language))


def _opening(low: str, forms: Forms) -> tuple[bool, int, int, float] | None:
    """An answer that begins the utterance, after fillers: it decides unless the rest turns it round."""
    lead = forms.filler.match(low)
    at = lead.end() if lead else 0
    for value, pattern in ((False, forms.no), (True, forms.yes)):
        found = pattern.match(low, at)
        if found and found.end() > at:
            rest = low[found.end() :]
            turned = (forms.no_later if value else forms.yes_later).search(rest)
            return None if turned else (value, at, found.end(), 0.95)
    return None


def _judged(low: str, forms: Forms) -> tuple[bool, int, int, float] | None:
    """An answer in the middle ("I would have to say no", "that is not true"): the words for it, negations counted."""
    no, yes = forms.no_inside.search(low), forms.yes_inside.search(low)
    if no and yes and not (yes.start() >= no.start() and yes.end() <= no.end()):
        overlapping = yes.start() < no.end() and no.start() < yes.end()
        if not overlapping:
            return None
    if no:
        return False, no.start(), no.end(), 0.9
    if yes and not forms.no_later.search(f"{low[: yes.start()]} , {low[yes.end() :]}"):
        return True, yes.start(), yes.end(), 0.9
    return None


register(YesNo())
