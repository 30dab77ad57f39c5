"""Whether what a caller said so far is the whole answer: it decides how long we wait for more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from engine.acts import Act, Affirm, Ask, Deny, Fill, Global, Want
from engine.effects import Expecting
from engine.flow.model import AskStep, ConsentStep, Flow, Slot
from engine.languages.sheet import base_of
from engine.speech.bias import listed
from engine.speech.endpoint import Completeness

CLEAR: Final = 0.6
"""Confidence (0 to 1) below which words are not trusted to be all: waiting a little longer costs less than cutting
somebody off."""
_OPEN_ENDED: Final = frozenset({"text", "address", "person_name"})
"""Types whose values can always be longer."""
_IN_GROUPS: Final = frozenset({"digits", "phone", "postcode", "email", "date_of_birth"})
"""Types that people say in groups: a part of one is no answer yet."""
_BARE: Final = re.compile(r"[^\W\d_]+|\d{1,2}")
"""One word or one small number: "seven", "7", "Friday"."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LEADING_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "en": listed(
        "a about an and around as at because but by for from i'd i'm i'll in is it's like my of on or our so than that"
        " the to uh um until we'd we'll we're well with would"
    ),
    "de": listed(
        "aber am an auf bei bis das dem den der die ein eine einen für gegen ich im in ist mein meine mit nach oder so"
        " um und uns von vom wir zu zum zur äh ähm also"
    ),
    "es": listed(
        "a al con de del desde el en entre es eh este hacia hasta la las los me mi mis nos o para pero por pues que se"
        " sobre su un una y"
    ),
}
"""Words after which a sentence goes on, by language."""

_MURMURS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": listed(
        "ah aha alright cool er fine good great hm hmm huh i mhm mm mmm oh ok okay right see sure uh um yeah yes"
    ),
    "de": listed("ach achso ah aha ähm genau gut hm hmm ja jaja mhm mm ok okay schön so super verstehe"),
    "es": listed("ah ajá bien bueno claro eh entiendo hm mhm mm ok oh perfecto sí vale ya"),
}
"""What people say to show that they listen, by language."""
LONGEST_MURMUR: Final = 3


def completeness(
    text: str,
    acts: Sequence[Act],
    confidence: float,
    expecting: Expecting,
    flow: Flow,
) -> Completeness:
    """How complete the words are as an answer to what was asked. `acts` is what was understood in them, `confidence`
    the recogniser's own (0 to 1)."""
    words = _WORD.findall(text.lower())
    if not words or confidence < CLEAR:
        return Completeness.EXTENDABLE
    if _leads_on(text, words[-1], acts, flow.language):
        return Completeness.UNFINISHED
    if any(isinstance(act, Global) and act.name != "hold_on" for act in acts) or any(
        isinstance(act, Ask) for act in acts
    ):
        return Completeness.COMPLETE
    slot = flow.slots.get(expecting.asked or "")
    if expecting.kind == "slot" and slot is not None:
        return _of_slot(text, acts, slot)
    if expecting.kind in ("choice", "which"):
        picked = any(isinstance(act, Fill | Want) for act in acts)
        return Completeness.COMPLETE if picked else Completeness.EXTENDABLE
    if expecting.kind == "yes_no":
        return _of_yes_no(acts, isinstance(flow.steps.get(expecting.step), AskStep | ConsentStep))
    return Completeness.EXTENDABLE


def matters(text: str, acts: Sequence[Act], language: str) -> bool:
    """Whether words that were said over ours are meant for us: all that was understood, and anything longer than a
    murmur. "Mhm" and "okay" are no interruption where no yes is expected; where one is, they were understood."""
    if acts:
        return True
    words = _WORD.findall(text.lower())
    murmurs = _MURMURS.get(base_of(language), ())
    return len(words) > LONGEST_MURMUR or any(word not in murmurs for word in words)


def _leads_on(text: str, last: str, acts: Sequence[Act], language: str) -> bool:
    """Whether the last word asks for another, and belongs to nothing that was understood."""
    if last not in _LEADING_ON.get(base_of(language), ()):
        return False
    end = len(text.rstrip(" .,!?…"))
    return all(act.span.end < end or not act.span.text for act in acts)


def _of_yes_no(acts: Sequence[Act], plain: bool) -> Completeness:
    """A yes is all; after a no to what was read back (not `plain`) most people say what is wrong."""
    said_no = any(isinstance(act, Deny) for act in acts)
    corrected = any(isinstance(act, Fill) for act in acts)
    if any(isinstance(act, Affirm) for act in acts) and not corrected:
        return Completeness.COMPLETE
    if said_no and plain:
        return Completeness.COMPLETE
    return Completeness.EXTENDABLE


def _of_slot(text: str, acts: Sequence[Act], slot: Slot) -> Completeness:
    fill = next((act for act in acts if isinstance(act, Fill) and act.slot == slot.name), None)
    if fill is None:
        if slot.optional and any(isinstance(act, Deny) for act in acts):
            return Completeness.COMPLETE
        return Completeness.UNFINISHED if slot.type in _IN_GROUPS else Completeness.EXTENDABLE
    if slot.type in _OPEN_ENDED or len(fill.candidates) != 1 or fill.more:
        return Completeness.EXTENDABLE
    if slot.type == "digits" and "length" not in slot.options:
        return Completeness.EXTENDABLE
    if slot.type in ("yes_no", "choice") or slot.type in _IN_GROUPS:
        return Completeness.COMPLETE
    return Completeness.EXTENDABLE if _BARE.fullmatch(text.strip(" .,!?")) else Completeness.COMPLETE
