"""`frontdesk simulate --with-llm`: the same talks with a model, several times, with how often each passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import click

from engine.cli.served import model_settings
from engine.simulate.repeats import RECORDED, Asked, Repeated, repeats
from engine.simulate.report import as_junit, failure_lines

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Repeating:
    """What the command line says about a model."""

    with_llm: str | None
    llm_name: str
    repeat: int
    record: bool
    pass_rate: float

    @property
    def wanted(self) -> bool:
        """Whether any of these options is given."""
        return self != Repeating(None, "", 1, False, 100.0)


def options(command: F) -> F:
    """Adds the options about a model to a command."""
    found = click.option("--pass-rate", metavar="PERCENT", type=click.FloatRange(0, 100), default=100.0,
                         help="With a model: how often each talk must pass.")(command)  # fmt: skip
    found = click.option("--record", is_flag=True, help="With a model: keep its answers beside the talks.")(found)
    found = click.option("--repeat", metavar="N", type=click.IntRange(1), default=1,
                         help="With a model: run each talk so many times.")(found)  # fmt: skip
    found = click.option("--llm-name", metavar="NAME", default="", help="The served model; else the first.")(found)
    return click.option("--with-llm", metavar="URL|recorded",
                        help="Ask a model server for what is not understood without it, or give recorded answers.",
                        )(found)  # fmt: skip


def run(
    wanted: Repeating, files: Sequence[Path], flow: str | None, jobs: int | None, to_json: bool, junit: Path | None
) -> int:
    """Runs talks with the model and tells how often each passed; the exit code."""
    assert wanted.with_llm is not None
    live = wanted.with_llm != RECORDED
    if wanted.record and not live:
        raise click.UsageError("--record keeps the answers of a server; --with-llm recorded gives them again")
    settings = model_settings(wanted.with_llm, wanted.llm_name) if live else None
    found: list[Repeated] = []
    with repeats(settings, wanted.record) as running:
        for one in running.run(files, wanted.repeat, flow, jobs):
            found.append(one)
            if not to_json:
                for line in _lines(one, wanted.pass_rate):
                    click.echo(line)
    seconds = sum(run.seconds for one in found for run in one.runs)
    if junit is not None:
        try:
            junit.write_bytes(as_junit([one.shown for one in found], seconds))
        except OSError as error:
            raise click.FileError(str(junit), error.strerror or str(error)) from error
    good = all(_good(one, wanted.pass_rate) for one in found)
    if to_json:
        click.echo(json.dumps(_data(found, running.watch, wanted.pass_rate), ensure_ascii=False, indent=2))
    else:
        click.secho(_summary(found, running.watch, wanted.pass_rate), fg="green" if good else "red", bold=True)
    return 0 if good else 1


def _good(one: Repeated, least: float) -> bool:
    return one.rate * 100 >= least and not any(run.faults for run in one.runs)


def _lines(one: Repeated, least: float) -> Iterator[str]:
    shown = one.shown
    colour = "green" if _good(one, least) else "red"
    rate = click.style(f"{one.passed}/{len(one.runs)}".ljust(6), fg=colour)
    yield f"{rate}  {shown.file}" + (click.style(f"  {shown.title}", dim=True) if shown.title else "")
    if not shown.passed:
        yield from (f"        {line}" for line in failure_lines(shown))


def _summary(found: Sequence[Repeated], watch: Asked, least: float) -> str:
    runs = sum(len(one.runs) for one in found)
    passed = sum(one.passed for one in found)
    bad = sum(1 for one in found if not _good(one, least))
    state = (
        f"{bad} of {len(found)} talks passed less often than {least:g} %"
        if bad
        else f"{_count(len(found), 'talk')} passed"
    )
    asked = sum(watch.outcomes.values())
    failed = ", ".join(f"{count} {name}" for name, count in watch.outcomes.items() if name != "answered")
    model = f"; the model was asked {_count(asked, 'time')}" if asked else ""
    model += f" ({failed})" if failed else ""
    model += f", median {median(watch.seconds) * 1000:.0f} ms" if watch.seconds else ""
    return f"{state}; {passed} of {runs} runs passed ({100 * passed / runs:.1f} %){model}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _data(found: Sequence[Repeated], watch: Asked, least: float) -> dict[str, Any]:
    return {
        "passed": sum(1 for one in found if _good(one, least)),
        "failed": sum(1 for one in found if not _good(one, least)),
        "runs": sum(len(one.runs) for one in found),
        "pass_rate": round(sum(one.passed for one in found) / sum(len(one.runs) for one in found), 4),
        "model": {
            "outcomes": dict(watch.outcomes),
            "dropped": dict(watch.unfit),
            "median_ms": round(median(watch.seconds) * 1000, 1) if watch.seconds else None,
        },
        "talks": [{"pass_rate": round(one.rate, 4), "runs": len(one.runs), **one.shown.to_json()} for one in found],
    }
