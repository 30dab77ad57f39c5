"""What the numbers of calls come to: shares, percentiles, where callers are not understood, by day and by hour."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from engine.actions.counting import Sum
from engine.watch.numbers import STEP, upper

K = TypeVar("K", bound=Hashable)

STAGES: Final = ("answer", "endpoint", "words", "recognise", "understand", "model", "step", "speak")
NAMES: Final = (
    "calls", "calls_contained", "calls_completed", "call_seconds", "transfers", "stage_seconds", "misses", "turns",
    "nomatch", "interrupted",
)  # fmt: skip
"""The numbers that figures are made of."""
RUNGS: Final = ("1st time", "2nd time", "3rd time", "silent", "refused", "gave up")


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """One flow's calls; `contained` ended without a person, in `completed` callers came to what they called for."""

    flow: str
    calls: int
    contained: int
    completed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StageFigures:
    """How long a stage took, in milliseconds: in half of all answers, and in all but one of twenty."""

    stage: str
    answers: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A question, with how often it met each trouble of `RUNGS`; `heat` is from 0 to 5 for each of them."""

    flow: str
    step: str
    slot: str
    counts: tuple[int, ...]
    heat: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a time."""

    flows: tuple[FlowFigures, ...]
    outcomes: tuple[tuple[str, int], ...]
    transfers: tuple[tuple[str, str, int], ...]
    """Why, what came of it, how often."""
    stages: tuple[StageFigures, ...]
    heat: tuple[HeatRow, ...]
    turns: int
    nomatch: int
    interrupted: int

    @property
    def calls(self) -> int:
        return sum(one.calls for one in self.flows)

    @property
    def contained(self) -> int:
        return sum(one.contained for one in self.flows)

    @property
    def completed(self) -> int:
        return sum(one.completed for one in self.flows)

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.flows)

    def stage(self, name: str) -> StageFigures | None:
        """A stage by its name; None where it was never measured."""
        return next((one for one in self.stages if one.stage == name), None)


def figures(found: Iterable[Sum]) -> Figures:
    """What the numbers of a time come to."""
    named: dict[str, list[Sum]] = defaultdict(list)
    for one in found:
        named[one.name].append(one)
    return Figures(
        tuple(_flows(named)),
        tuple(_common(Counter(_by_label(named["calls"], 0)))),
        tuple(_transfers(named["transfers"])),
        tuple(_stages(named["stage_seconds"])),
        heat_map(named["misses"]),
        round(_all(named["turns"])),
        round(_all(named["nomatch"])),
        round(_all(named["interrupted"])),
    )


def _flows(named: Mapping[str, Sequence[Sum]]) -> Iterator[FlowFigures]:
    by_flow = {
        name: _by_flow(named.get(name, ())) for name in ("calls", "calls_contained", "calls_completed", "call_seconds")
    }
    for flow in sorted(by_flow["calls"]):
        calls, contained, completed = (
            round(by_flow[name].get(flow, 0)) for name in ("calls", "calls_contained", "calls_completed")
        )
        yield FlowFigures(flow, calls, contained, completed, by_flow["call_seconds"].get(flow, 0.0))


def _transfers(found: Sequence[Sum]) -> Iterator[tuple[str, str, int]]:
    each: Counter[tuple[str, str]] = Counter()
    for one in found:
        outcome, why = (*one.labels, "", "")[:2]
        each[why, outcome] += round(one.value)
    for (why, outcome), count in each.most_common():
        yield why, outcome, count


def _stages(found: Sequence[Sum]) -> Iterator[StageFigures]:
    buckets: dict[str, Counter[int]] = defaultdict(Counter)
    for one in found:
        buckets[one.labels[0]][int(one.labels[1])] += round(one.value)
    for stage in (*STAGES, *sorted(buckets.keys() - set(STAGES))):
        if stage in buckets:
            held = buckets[stage]
            yield StageFigures(stage, held.total(), percentile(held, 0.5), percentile(held, 0.95))


def percentile(buckets: Mapping[int, int], share: float) -> float:
    """The milliseconds below which this share of all times lies, within a tenth; 0 where there are none."""
    whole = sum(buckets.values())
    reached = 0
    for number in sorted(buckets):
        reached += buckets[number]
        if reached >= share * whole:
            return float(upper(number) / STEP**0.5)
    return 0.0


def heat_map(found: Iterable[Sum], most: int = 12) -> tuple[HeatRow, ...]:
    """The questions with the most trouble, the worst first."""
    rows: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * len(RUNGS))
    for one in found:
        step, slot, kind, rung = one.labels
        rows[one.flow, step, slot][_column(kind, rung)] += round(one.value)
    worst = sorted(rows.items(), key=lambda row: (-sum(row[1]), row[0]))[:most]
    top = max((max(numbers) for _, numbers in worst), default=0)
    return tuple(
        HeatRow(*place, tuple(numbers), tuple(-(-5 * number // top) if top else 0 for number in numbers))
        for place, numbers in worst
    )


def _column(kind: str, rung: str) -> int:
    if kind == "nomatch":
        return min(int(rung), 3) - 1
    return {"noinput": 3, "refused": 4}.get(kind, 5)


@dataclass(frozen=True, slots=True)
class Slice:
    """One day, or one hour of the day: how many calls, and how long a stage took there."""

    name: str
    calls: int
    p50: float
    p95: float


def by_day(calls: Iterable[Sum], times: Iterable[Sum], zone: ZoneInfo, first: date, last: date) -> tuple[Slice, ...]:
    """Every day from the first to the last, also those without calls."""
    length = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(length)]
    return _slices(
        calls, times, lambda hour: hour.astimezone(zone).date(), {day: f"{day.day} {day:%b}" for day in days}
    )


def by_hour(calls: Iterable[Sum], times: Iterable[Sum], zone: ZoneInfo) -> tuple[Slice, ...]:
    """Every hour of the day, over all days."""
    return _slices(calls, times, lambda hour: hour.astimezone(zone).hour, {hour: f"{hour:02}:00" for hour in range(24)})


def _slices(
    calls: Iterable[Sum], times: Iterable[Sum], place: Callable[[datetime], K], names: Mapping[K, str]
) -> tuple[Slice, ...]:
    known: dict[datetime, K] = {}

    def placed(one: Sum) -> K:
        assert one.hour is not None
        if one.hour not in known:
            known[one.hour] = place(one.hour)
        return known[one.hour]

    counted: Counter[K] = Counter()
    for one in calls:
        counted[placed(one)] += round(one.value)
    buckets: dict[K, Counter[int]] = defaultdict(Counter)
    for one in times:
        buckets[placed(one)][int(one.labels[1])] += round(one.value)
    return tuple(
        Slice(name, counted[key], percentile(buckets[key], 0.5), percentile(buckets[key], 0.95))
        for key, name in names.items()
    )


def _by_flow(found: Iterable[Sum]) -> Counter[str]:
    each: Counter[str] = Counter()
    for one in found:
        each[one.flow] += one.value  # type: ignore[assignment]
    return each


def _by_label(found: Iterable[Sum], place: int) -> Counter[str]:
    each: Counter[str] = Counter()
    for one in found:
        each[one.labels[place]] += round(one.value)
    return each


def _common(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _all(found: Iterable[Sum]) -> float:
    return sum(one.value for one in found)
