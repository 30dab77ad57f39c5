"""A fault of each kind is found under its code, at its place, with a talk that shows it; without it all holds."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest
import yaml
from told import fails_as_told

from engine.check.prover import PROMISES, Proofs, findings, prove
from engine.dialogue.machine import compile_flow
from engine.flow.loader import read_path
from engine.flow.model import Flow
from engine.flow.reading import Reading
from engine.mutate.operators import OPERATORS, mutants
from engine.shipped import find_flow, shipped_flows

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "prover.yaml").read_text(encoding="utf-8"))
FEWER_PAIRS = {"reminder": 1_000}
"""Pairs of runs at least, where a flow is small."""


@cache
def reading(name: str) -> Reading:
    return read_path(find_flow(name))


def mutant(case: dict[str, str]) -> Flow:
    flow = reading(case["flow"]).flow
    assert flow is not None
    return dict(OPERATORS[case["operator"]](flow))[case["site"]]


@cache
def proven(name: str) -> Proofs:
    flow = reading(name).flow
    assert flow is not None
    return prove(compile_flow(flow), time.perf_counter, reading(name))


@pytest.mark.parametrize("name", shipped_flows())
def test_shipped_flows_keep_every_promise(name: str) -> None:
    proofs = proven(name)
    assert {proof.promise: proof.result for proof in proofs.proofs} == dict.fromkeys(PROMISES, "holds")
    assert not findings(proofs, reading(name))
    assert proofs.in_a_row == proofs.worst_case_prompts == proofs.worst_call == 8
    pairs = {proof.promise: proof.pairs for proof in proofs.proofs if proof.pairs}
    assert set(pairs) == {"order", "clean"}
    assert pairs["order"] > FEWER_PAIRS.get(name, 10_000)
    assert pairs["clean"] > FEWER_PAIRS.get(name, 10_000) // 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['operator']}: {case['site']}")
def test_faults_are_found_and_shown(case: dict[str, str]) -> None:
    flow = mutant(case)
    proofs = prove(compile_flow(flow), time.perf_counter, reading(case["flow"]))
    found = [one for one in findings(proofs, reading(case["flow"])) if one.severity == "error"]
    assert f"prove.{case['breaks']}" in {one.code for one in found}
    for one in found:
        assert one.at.line > 1, one
        assert one.hint
        if one.talk is not None:
            fails_as_told(flow, one.talk)
    shown = [one.talk for one in found if one.code == f"prove.{case['breaks']}"]
    assert any(shown) or case.get("talk") == "none"


def test_every_operator_has_a_place_in_the_shipped_flows() -> None:
    used = {one.operator for name in shipped_flows() if (flow := reading(name).flow) for one in mutants(flow)}
    assert used == set(OPERATORS)
