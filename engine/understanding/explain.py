"""Why something was understood or not, stage by stage, in words for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.acts import SURE, Act, Affirm, Deny, Exclude, Fill, Global, Tier
from engine.effects import Expecting
from engine.flow.model import Flow
from engine.slots.registry import Mention, type_of
from engine.slots.words import overlap
from engine.understanding.claims import Claim, Open

Verdict: TypeAlias = Literal["taken", "dropped", "nothing", "not asked"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What one stage made of the words: `about` is a slot or another thing to look for."""

    tier: Tier
    about: str
    verdict: Verdict
    text: str


def about_slots(
    flow: Flow, waiting: Expecting, slots: Sequence[Open], found: Sequence[Claim], acts: Sequence[Act]
) -> Iterator[Reason]:
    """Every slot of the flow: what its recogniser found, and what became of it."""
    looked_for = {slot.name for slot in slots}
    for claim in found:
        yield _about_claim(claim, acts)
    claimed = {claim.slot.name for claim in found}
    if missing := [slot.name for slot in slots if slot.name not in claimed]:
        text = "their recognisers find nothing; a bare word counts only for what was asked"
        yield Reason("recognisers", ", ".join(missing), "nothing", text)
    if closed := [name for name in flow.slots if name not in looked_for]:
        text = f"no recogniser looks for it at {waiting.step or 'this question'}"
        yield Reason("recognisers", ", ".join(closed), "not asked", text)


def _about_claim(claim: Claim, acts: Sequence[Act]) -> Reason:
    name, mention = claim.slot.name, claim.mention
    what = _mention(name, claim.slot.type, mention)
    mine = [act for act in acts if isinstance(act, Fill | Exclude) and act.slot == name]
    if any(overlap(act.span, mention.span) for act in mine):
        return Reason("recognisers", name, "taken", what)
    other = [act for act in acts if isinstance(act, Fill | Exclude) and overlap(act.span, mention.span)]
    if other:
        return Reason(
            "recognisers", name, "dropped", f"{what}; the words went to {other[0].slot}, which they fit better"
        )
    if mine:
        return Reason("recognisers", name, "dropped", f"{what}; the caller said another value for it")
    return Reason("recognisers", name, "dropped", f"{what}; the words mean something else here")


def _mention(name: str, kind: str, mention: Mention) -> str:
    values = " or ".join(str(type_of(kind).to_json(value)) for value in mention.candidates)
    sure = "sure" if mention.confidence >= SURE else f"not sure, which takes {SURE}"
    marks = [f"confidence {mention.confidence:.2f}: {sure}"]
    marks += ["more than one reading, so the caller is asked"] if len(mention.candidates) > 1 else []
    marks += ["refused by the caller"] if mention.excluded else []
    marks += ["a value only because it was asked for"] if mention.bare else []
    return f"the {kind} recogniser reads “{mention.span.text}” as {values} ({'; '.join(marks)})"


def about_yes_no(looked_for: bool, answer: bool | None, acts: Sequence[Act]) -> Reason:
    """Yes and no."""
    given = next((act for act in acts if isinstance(act, Affirm | Deny)), None)
    if given is not None:
        word = "yes" if isinstance(given, Affirm) else "no"
        return Reason("recognisers", "yes or no", "taken", f"“{given.span.text}” is a {word} ({given.confidence:.2f})")
    if not looked_for:
        return Reason("recognisers", "yes or no", "not asked", "neither is an answer to this question")
    if answer is None:
        return Reason("recognisers", "yes or no", "nothing", "no words for either, or for both, or for perhaps")
    return Reason("recognisers", "yes or no", "dropped", "the words for it are part of something else")


def about_globals(found: Iterable[Global], taken: Sequence[Act]) -> Iterator[Reason]:
    """Wishes that hold at any point of a call. `found` are those that the words alone would give."""
    named = {act.name for act in taken if isinstance(act, Global)}
    for act in found:
        if act.name in named:
            yield Reason("phrases", act.name, "taken", f"“{act.span.text}” calls for it ({act.confidence:.2f})")
        else:
            yield Reason("phrases", act.name, "dropped", f"“{act.span.text}” gives way to what else was said")
    if not named and not list(found):
        yield Reason("phrases", "globals", "nothing", "no words call for a person, help, a repeat or the like")
