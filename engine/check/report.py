"""What was found in flows, in words for people and as JSON for tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.check.changes import Change
from engine.check.changes import as_json as changes_as_json
from engine.check.joining import PROMISE_OF, joined, provable
from engine.check.prover import Clock, prove
from engine.check.rules import examine
from engine.dialogue.machine import compile_flow
from engine.errors import Finding
from engine.flow.reading import Reading
from engine.yaml.position import best_first

_OTHER_LANGUAGE: Final = ("untranslated", "unspoken-language")
"""What only matters once calls are held in the language."""


@dataclass(frozen=True, slots=True)
class FlowReport:
    """What is known of one flow. `states` counts those of the compiled machine, None where the flow has errors;
    `seconds` is how long reading and checking took; `worst_case_prompts` is the number of failed prompts before
    help, None while it is not proven."""

    path: str
    findings: tuple[Finding, ...]
    states: int | None = None
    seconds: float = 0.0
    worst_case_prompts: int | None = None
    proofs: tuple[dict[str, Any], ...] = ()
    changes: tuple[Change, ...] | None = None
    """What is different from the version that it was compared with."""

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def sound(self) -> bool:
        """Whether the flow may answer calls."""
        return self.count("error") == 0


def check_reading(reading: Reading, clock: Clock = lambda: 0.0) -> FlowReport:
    """Examines what was read and, where no errors but broken promises are found, proves the promises. `clock` gives
    seconds from some moment on; the caller adds the time of the reading."""
    found = examine(reading)
    report = FlowReport(reading.path, found)
    if reading.flow is None or not provable(found):
        return report
    compiled = compile_flow(reading.flow)
    proofs = prove(compiled, clock, reading)
    return FlowReport(
        reading.path,
        best_first(joined(found, proofs, reading)),
        len(compiled.machine.states),
        worst_case_prompts=proofs.worst_case_prompts,
        proofs=tuple(
            {
                "property": proof.promise,
                "states": proof.states,
                "seconds": round(proof.seconds, 4),
                "result": proof.result,
                "words": proof.words,
                **({"pairs": proof.pairs} if proof.pairs else {}),
            }
            for proof in proofs.proofs
        ),
    )


def check_languages(readings: Sequence[Reading], clock: Clock = lambda: 0.0) -> FlowReport:
    """A report of one flow that was read in each of its languages, its own first: promises do not depend on words, so
    they are proven once. That a language is not complete yet has been said as a warning."""
    report = check_reading(readings[0], clock)
    said = {replace(found, talk=None) for found in report.findings}
    known: set[Finding] = set()
    for reading in readings[1:]:
        known |= {found for found in examine(reading) if found.code not in _OTHER_LANGUAGE}
    return replace(report, findings=best_first((*report.findings, *(known - said))))


def check_variants(report: FlowReport, variants: Sequence[Reading], clock: Clock = lambda: 0.0) -> FlowReport:
    """The report of a flow together with what is found in each of its variants. A variant may say other values than
    the flow, so every promise is proven for each; what fails in one fails for the flow."""
    reports = [check_reading(reading, clock) for reading in variants]
    found = {replace(one, talk=None): one for other in reversed((report, *reports)) for one in other.findings}
    weakest = {proof["property"]: proof for proof in report.proofs}
    for proof in (proof for other in reports for proof in other.proofs):
        held = weakest.get(proof["property"])
        if held is None or _RANK[proof["result"]] > _RANK[held["result"]]:
            weakest[proof["property"]] = proof
    return replace(report, findings=best_first(tuple(found.values())), proofs=tuple(weakest.values()))


_RANK: Final = {"holds": 0, "open": 1, "fails": 2}


def as_json(reports: Iterable[FlowReport]) -> dict[str, Any]:
    """The shape that `frontdesk check --format json` promises."""
    return {
        "flows": [
            {
                "path": report.path,
                "states": report.states,
                "seconds": round(report.seconds, 4),
                "worst_case_prompts": report.worst_case_prompts,
                "findings": [_finding(found) for found in report.findings],
                "proofs": list(report.proofs),
                **({} if report.changes is None else {"changes": changes_as_json(report.changes)}),
            }
            for report in reports
        ]
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "file": found.at.file,
        "line": found.at.line,
        "column": found.at.column,
        "hint": found.hint,
        "talk": found.talk,
        "property": found.code.removeprefix("prove.")
        if found.code.startswith("prove.")
        else PROMISE_OF.get(found.code),
    }


_MARKS: Final = {"holds": "proven", "fails": "fails", "open": "not proven"}


def proofs_in_words(report: FlowReport) -> tuple[str, ...]:
    """A line for every promise, with what it took to prove it."""
    return tuple(
        f"{_MARKS[proof['result']]}: {proof['words']} ({_size(proof)}, {proof['seconds']:.2f} s)"
        for proof in report.proofs
    )


def _size(proof: dict[str, Any]) -> str:
    pairs = f", {proof['pairs']} pairs of runs" if "pairs" in proof else ""
    return f"{proof['states']} states{pairs}"


def summary(report: FlowReport) -> str:
    """One line about a flow."""
    counts = [(report.count(severity), severity) for severity in ("error", "warning", "note")]
    found = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)
    if report.sound:
        size = f"{report.states} states, " if report.states else ""
        if report.worst_case_prompts is not None:
            size += f"help after at most {report.worst_case_prompts} failed prompts, "
        return f"{report.path}: {'sound' if not found else f'sound, with {found}'} ({size}{report.seconds:.2f} s)"
    return f"{report.path}: {found}"
