"""Joins what rules say of a flow's text with the proofs of the same promise: one mistake, one finding, one call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from engine.check.broken import SAID_FIRST
from engine.check.prover import Proofs, Suspect, shortest
from engine.check.prover import findings as proven_findings
from engine.errors import Finding
from engine.flow.reading import Reading

PROMISE_OF: Final = {
    **{code: promise for promise, codes in SAID_FIRST.items() for code in codes},
    "unconfirmed": "confirmed",
    "no-operator": "human",
    "endless-talk": "awake",
}
"""The promise that a finding of the flow's text says is broken, before any proof is tried."""
_BY_STEP: Final = frozenset({"confirmed"})
"""Promises that rules see broken in some steps and proofs in others: only of the same step do they say the same."""


def provable(found: Iterable[Finding]) -> bool:
    """Whether all errors are broken promises, so that the flow is whole and calls of it can be tried."""
    return all(one.severity != "error" or one.code in PROMISE_OF for one in found)


def joined(found: Iterable[Finding], proofs: Proofs, reading: Reading) -> tuple[Finding, ...]:
    """What rules found, with the shortest call that shows it, and what only the proofs found. While rules name
    errors, doubts of the proofs wait."""
    spoken = [one for one in found if one.severity == "error" and one.code in PROMISE_OF]
    told = {
        id(suspect): [one for one in spoken if _same(one, suspect, reading)]
        for suspect in proofs.suspects
        if suspect.certain
    }
    fresh = tuple(one for one in proofs.suspects if not told.get(id(one)) and (one.certain or not spoken))
    shown = {
        one: shortest(suspect.talk for suspect in proofs.suspects if one in told.get(id(suspect), ())) for one in spoken
    }
    return (
        *(replace(one, talk=shown[one]) if one in shown else one for one in found),
        *proven_findings(replace(proofs, suspects=fresh), reading),
    )


def _same(found: Finding, suspect: Suspect, reading: Reading) -> bool:
    """Whether a finding of a rule and a suspect are about one mistake."""
    promise = PROMISE_OF[found.code]
    if suspect.fault.promise != promise:
        return False
    return promise not in _BY_STEP or _step_at(found, reading) == suspect.fault.position.partition("/")[0]


def _step_at(found: Finding, reading: Reading) -> str:
    """The step that a finding lies in: the last that begins before it in its file."""
    begun: dict[tuple[int, int], str] = {}
    for section, name in reading.entries:
        place = reading.place(section, name)
        if section == "steps" and place.file == found.at.file:
            begun[place.line, place.column] = name
    before = [place for place in begun if place <= (found.at.line, found.at.column)]
    return begun[max(before)] if before else ""
