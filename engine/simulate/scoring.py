"""The mutation score of a flow's talks: how many of the faults that can be put into the flow they would notice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from engine.coverage.items import Item
from engine.coverage.lines import Lines, lines_of
from engine.coverage.reach import unreachable
from engine.dialogue.machine import compile_flow
from engine.errors import AuthorError
from engine.flow.model import Flow
from engine.flow.reading import Reading
from engine.mutate.operators import Mutant, mutants
from engine.simulate.equivalents import changed_steps, equivalent
from engine.simulate.files import flow_of, read_file
from engine.simulate.matching import prompts_of
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import Stage, load_stage
from engine.talk import model
from engine.understanding.cascade import Understanding

WORTH_A_PROCESS: Final = 40
_CHUNK: Final = 8
_SECTIONS: Final = ("steps", "slots", "calendars", "tools", "anywhere")
"""Where what a site names may stand, in this order."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One fault. `noticed` names the talk that failed first; None where none did. `steps` are where the fault is;
    `equal` says why it changes nothing that a caller could notice, and is empty where it may."""

    operator: str
    site: str
    steps: tuple[str, ...]
    noticed: str | None
    equal: str = ""
    talks: int = 0
    """How many talks were run."""


@dataclass(frozen=True, slots=True)
class Score:
    """What the talks of one flow notice of all faults."""

    flow: str
    judged: tuple[Judged, ...]
    talks: int

    @property
    def survivors(self) -> tuple[Judged, ...]:
        """Faults that callers could notice and no talk does."""
        return tuple(one for one in self.judged if one.noticed is None and not one.equal)

    @property
    def percent(self) -> float:
        """Noticed faults of all that callers could notice."""
        whole = sum(1 for one in self.judged if not one.equal)
        return 100.0 * (whole - len(self.survivors)) / whole if whole else 100.0

    def lines(self, reading: Reading, shown: Callable[[str], str] = str) -> Iterator[str]:
        """The score for people: a row for every kind of fault, and what was not noticed."""
        equal = sum(1 for one in self.judged if one.equal)
        counted = len(self.judged) - equal
        yield f"{self.flow}: {self.talks} talks notice {self.percent:.1f} % of {counted} faults"
        for name in dict.fromkeys(one.operator for one in self.judged):
            own = [one for one in self.judged if one.operator == name and not one.equal]
            missed = sum(1 for one in own if one.noticed is None)
            yield f"  {name:<24}{len(own) - missed:>5} of {len(own)}"
        if equal:
            yield f"  {equal} more change nothing that a caller could notice, and are not counted"
        if self.survivors:
            yield "not noticed:"
        for one in self.survivors:
            yield f"  {place_of(reading, one, shown)}  {one.operator}: {one.site}"

    def to_json(self, reading: Reading, shown: Callable[[str], str] = str) -> dict[str, Any]:
        """The score as JSON data."""
        return {
            "flow": self.flow,
            "talks": self.talks,
            "percent": round(self.percent, 2),
            "faults": [
                {
                    "operator": one.operator,
                    "site": one.site,
                    "at": str(place_of(reading, one, shown)),
                    "noticed_by": one.noticed,
                    "equal": one.equal or None,
                }
                for one in self.judged
            ],
        }


def place_of(reading: Reading, judged: Judged, shown: Callable[[str], str] = str) -> Lines:
    """The lines of what a fault was put into: a step, slot, calendar or tool; else of the first step where it shows."""
    head = judged.site.removeprefix("slot ").partition(":")[0].partition(" ")[0]
    for section in _SECTIONS if not judged.site.startswith("slot ") else ("slots",):
        if (section, head) in reading.entries:
            leaf, node = reading.entries[section, head]
            return Lines(shown(leaf.place.file), leaf.place.line, max(leaf.place.line, node.place.end_line))
    lines = lines_of(reading, Item("step", judged.steps[0] if judged.steps else ""))
    return Lines(shown(lines.file), lines.first, lines.last)


def count_mutants(flow: Flow) -> int:
    return sum(1 for _ in mutants(flow))


def is_about(talk: Path, flow: Path) -> bool:
    """Whether a talk is about this flow, in the language that it is written in and as it stands."""
    try:
        lines = read_file(talk)
        spoken = any(isinstance(line, model.GivenLanguage | model.GivenVariant) for line in lines.lines)
        return not spoken and flow_of(lines, talk).resolve() == flow.resolve()
    except AuthorError:
        return False


def score(flow: Path, talks: Sequence[Path], jobs: int | None = None, every: int = 1) -> Iterator[Judged]:
    """Every mutant of the flow, or every so-manieth, judged by the talks. In several processes where that pays."""
    stage = load_stage(flow)
    numbers = range(0, count_mutants(stage.flow), every)
    judge = partial(judge_one, flow, tuple(talks))
    workers = jobs or max(1, min(os.cpu_count() or 1, len(numbers) // WORTH_A_PROCESS))
    if workers == 1:
        yield from map(judge, numbers)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(judge, numbers, chunksize=_CHUNK)


@dataclass(frozen=True, slots=True)
class _Court:
    """What a process needs to judge the mutants of one flow."""

    stage: Stage
    mutants: tuple[Mutant, ...]
    talks: tuple[tuple[model.Talk, frozenset[Item], float], ...]
    """Talks that pass, with what they live through and how long they take; the shortest first."""
    unreachable: frozenset[Item]


@lru_cache(maxsize=2)
def _court(flow: Path, talks: tuple[Path, ...]) -> _Court:
    stage = load_stage(flow)
    found: list[tuple[model.Talk, frozenset[Item], float]] = []
    for path in talks:
        talk = read_file(path)
        result = run_script(bind(talk, stage.flow), stage, stage.watch)
        if result.passed:
            found.append((talk, result.lived, float(len(talk.lines))))
    found.sort(key=lambda one: one[2])
    return _Court(stage, tuple(mutants(stage.flow)), tuple(found), unreachable(stage.compiled))


def judge_one(flow: Path, talks: tuple[Path, ...], number: int) -> Judged:
    """The mutant of this number. Talks that do not come by the fault are not run."""
    court = _court(flow, talks)
    mutant = court.mutants[number]
    changed = changed_steps(court.stage.flow, mutant.flow)
    steps = tuple(sorted(changed)) if changed is not None else ()
    equal = equivalent(court.stage.flow, mutant.flow, court.unreachable)
    if equal:
        return Judged(mutant.operator, mutant.site, steps, None, equal)
    stage = mutated(court.stage, mutant.flow)
    run = 0
    for talk, lived, _ in court.talks:
        if changed is not None and not any(Item("step", step) in lived for step in changed):
            continue
        run += 1
        if not _passes(talk, stage):
            return Judged(mutant.operator, mutant.site, steps, talk.file, talks=run)
    return Judged(mutant.operator, mutant.site, steps, None, talks=run)


def _passes(talk: model.Talk, stage: Stage) -> bool:
    try:
        return run_script(bind(talk, stage.flow), stage).passed
    except (AuthorError, LookupError, ValueError, TypeError, AssertionError):
        return False  # names that the flow no longer has, or a flow that check would refuse


def mutated(stage: Stage, flow: Flow) -> Stage:
    """The stage with another version of its flow; what callers' words mean is learnt anew only where it may differ."""
    same = _heard(stage.flow) == _heard(flow)
    understanding = stage.understanding if same else Understanding(flow)
    return Stage(flow, compile_flow(flow), stage.persona, prompts_of(flow), understanding)


def _heard(flow: Flow) -> tuple[Any, ...]:
    """The parts of a flow that the understanding reads."""
    intents = [(name, getattr(step, "intents", None)) for name, step in flow.steps.items()]
    return flow.language, flow.slots, flow.anywhere, flow.answers, flow.calendars, intents
