"""A test of the proofs: faults are put into a flow, callers say what they break, and the proofs must have said it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.check.prover import prove
from engine.dialogue.machine import compile_flow
from engine.flow.reading import Reading
from engine.mutate.operators import Mutant
from engine.simulate.probe import probe

BY_DEFINITION: Final[Mapping[str, str]] = {
    "lose an outcome": "wired",
    "outcome to itself": "wired",
    "overlap choices": "distinct",
    "empty a limit": "open",
    "dead branch": "total",
    "no deadline": "awake",
    "read out": "private",
    "no leads back": "bounded",
}
"""Promises that are about the text of a flow, and that an operator breaks wherever it is used."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One mutant: what callers saw broken (or is broken by definition), and what the proofs said. `doubted` promises
    are those that the proofs could neither prove nor show to be broken."""

    operator: str
    site: str
    broken: frozenset[str]
    found: frozenset[str]
    doubted: frozenset[str]
    seconds: float

    @property
    def missed(self) -> frozenset[str]:
        """Broken promises that the proofs hold for proven or leave open."""
        return self.broken - self.found


def judge(mutant: Mutant, reading: Reading, calls: int, clock: Callable[[], float]) -> Judged:
    """Compiles, proves and tries out one mutant. `reading` is that of the flow before it was changed."""
    begun = clock()
    compiled = compile_flow(mutant.flow)
    proofs = prove(compiled, clock, reading)
    seconds = clock() - begun
    broken = set(probe(compiled, calls).broken)
    if mutant.operator in BY_DEFINITION:
        broken.add(BY_DEFINITION[mutant.operator])
    doubted = frozenset(suspect.fault.promise for suspect in proofs.suspects if not suspect.certain)
    return Judged(mutant.operator, mutant.site, frozenset(broken), proofs.failed, doubted - proofs.failed, seconds)
