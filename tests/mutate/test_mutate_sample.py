"""A sample of the mutation test that `make mutants` makes whole: what callers see broken, the proofs have said."""

from __future__ import annotations

import time
from functools import cache

import pytest

from engine.flow.loader import read_path
from engine.flow.model import Flow
from engine.flow.reading import Reading
from engine.mutate.operators import OPERATORS, Mutant, mutants
from engine.shipped import find_flow, shipped_flows
from engine.simulate.mutation import judge

EVERY = 61
CALLS = 6


@cache
def reading(name: str) -> Reading:
    return read_path(find_flow(name))


def flow_of(name: str) -> Flow:
    flow = reading(name).flow
    assert flow is not None
    return flow


TOUCHY = {
    ("trattoria", "wrong target", "change_booking.when: then cancel_booking.cancel"),
    ("trattoria", "outcome to itself", "to_human: closed"),
    ("clinic", "lose a question", "booking: date_of_birth"),
    ("clinic", "endless ladder", "booking"),
}
"""Flows on which a proof fell over once."""


def sample() -> list[tuple[str, Mutant]]:
    found = [(name, mutant) for name in shipped_flows() for mutant in mutants(flow_of(name))]
    touchy = [one for one in found if (one[0], one[1].operator, one[1].site) in TOUCHY]
    return [*found[::EVERY], *touchy]


@pytest.mark.parametrize(("name", "mutant"), sample(), ids=lambda one: getattr(one, "site", one))
def test_what_callers_see_broken_was_found(name: str, mutant: Mutant) -> None:
    judged = judge(mutant, reading(name), CALLS, time.perf_counter)
    assert not judged.broken or judged.broken & judged.found, judged


def test_flows_on_which_a_proof_fell_over_are_still_made() -> None:
    made = {(name, mutant.operator, mutant.site) for name, mutant in sample()}
    assert made >= TOUCHY


@pytest.mark.parametrize("name", shipped_flows())
def test_mutants_differ_from_their_flow_and_from_each_other(name: str) -> None:
    found = [(one.operator, one.site) for one in mutants(flow_of(name))]
    assert len(set(found)) == len(found)
    assert all(one.flow != flow_of(name) for one in mutants(flow_of(name)))


def test_every_operator_says_what_it_does() -> None:
    assert len(OPERATORS) >= 20
    assert all(make.__doc__ for make in OPERATORS.values())
