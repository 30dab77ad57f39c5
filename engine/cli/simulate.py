"""`frontdesk simulate`: conversations as text, run against their flows."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from engine.cli import repeating, trials
from engine.errors import SettingsError
from engine.simulate.batch import Batch, chosen
from engine.simulate.files import find_talks
from engine.simulate.renewal import Renewed, renew
from engine.simulate.report import as_json, as_junit, failure_lines, summary, transcript_lines
from engine.simulate.result import Result
from engine.simulate.watching import Watched, rounds

BAR: Final = 10
"""Talks from which a bar is worth it."""
LISTED: Final = 200
"""Talks up to which those that passed are listed as well."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    batch: Batch
    to_json: bool
    junit: Path | None
    verbose: bool
    colour: bool | None


@click.command("simulate", short_help="Run conversations written as text.")
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--flow", metavar="FLOW", help="The flow of transcripts that name none and have none in the folder above."
)
@click.option("-k", "pattern", metavar="PATTERN", help="Only talks whose path or title holds this; * stands for any.")
@click.option("--json", "to_json", is_flag=True, help="Results as JSON, with every conversation as it went.")
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Results as JUnit XML.")
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Processes to run in; as many as pay, if not given.")
@click.option("--update", is_flag=True, help="Write what is said and understood now into talks that differ.")
@click.option("--watch", is_flag=True, help="Run again what is affected whenever a flow or a talk changes.")
@trials.options
@repeating.options
@click.option("-v", "--verbose", is_flag=True, help="Show every conversation.")
@click.pass_context
def command(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    flow: str | None,
    pattern: str | None,
    to_json: bool,
    junit: Path | None,
    jobs: int | None,
    update: bool,
    watch: bool,
    verbose: bool,
    **more: Any,
) -> None:
    """Runs talk files and transcripts (`Caller:` and `Agent:` lines, CSV, JSON) in simulated time.

    A PATH is a file, a folder with *.talk files anywhere below, or the name of a shipped flow. Exits 0 when all went as
    written, 1 when one did not.

    --update shows what would change in `agent:` and `=` lines, asks on a terminal, and writes it; lines of the caller,
    expectations, comments and layout stay.

    \b
    Example:
      frontdesk simulate trattoria
      frontdesk simulate flows -k "full*" --junit results.xml
      frontdesk simulate calls/monday.csv --flow trattoria
      frontdesk simulate trattoria --coverage coverage.html --min 95
      frontdesk simulate trattoria --with-llm http://127.0.0.1:8000/v1 --repeat 5
    """
    model = repeating.Repeating(**{name: more.pop(name) for name in repeating.Repeating.__slots__})
    more["coverage"], paths = trials.split(more["coverage"], paths)
    wanted = trials.Trials(**more)
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    _refuse(wanted, model, {"watch": watch, "update": update, "json": to_json, "junit": junit, "-k": pattern})
    colour = False if "NO_COLOR" in os.environ else context.color
    batch = Batch(flow, jobs, watched=wanted.watched, whole=verbose or to_json)
    wish = Wish(batch, to_json, junit, verbose, colour)
    if watch:
        _watch(paths, wish, partial(_chosen, pattern=pattern))
        return
    if not wanted.runs_talks:
        context.exit(trials.run(wanted, paths, flow, to_json, jobs))
    files = _chosen(find_talks(list(paths)), pattern)
    if model.with_llm is not None:
        if update or wanted.watched:
            raise click.UsageError("--with-llm cannot go with --update or --coverage")
        context.exit(repeating.run(model, files, flow, jobs, to_json, junit))
    began = time.perf_counter()
    if update:
        _update(files, wish)
    results = list(_run(files, wish))
    found = trials.coverages(results) if wanted.watched else []
    code = _tell(results, time.perf_counter() - began, wish, trials.data(found))
    context.exit(max(code, trials.tell(wanted, found, paths, wish.batch.flow, to_json)))


def _refuse(wanted: trials.Trials, model: repeating.Repeating, given: Mapping[str, object]) -> None:
    """Raises UsageError for options that would do nothing beside others."""
    if given["watch"] and (given["update"] or given["json"] or model.wanted or wanted != trials.Trials()):
        raise click.UsageError("--watch shows conversations as they change; it goes with PATH, -k, --flow, --jobs, -v")
    others = (wanted.watched, given["update"], given["junit"], given["-k"], model.wanted)
    if wanted.alone and any(others):
        raise click.UsageError(
            "--random and --mutate run by themselves: not with --coverage, --update, --junit, -k or a model; "
            "--min goes with --mutate"
        )
    if model.wanted and model.with_llm is None:
        raise click.UsageError("--repeat, --record, --pass-rate and --llm-name need --with-llm URL or recorded")


def _chosen(files: Sequence[Path], pattern: str | None) -> list[Path]:
    found = chosen(files, pattern)
    if not found:
        raise SettingsError(f"none of {len(files)} talks has `{pattern}` in its path or title")
    return found


def _run(files: Sequence[Path], wish: Wish) -> Iterator[Result]:
    """Runs talks and shows each as it is done."""
    with _progress(len(files), wish) as (tell, done):
        for result in wish.batch.run(files):
            if not wish.to_json and (wish.verbose or not result.passed or len(files) <= LISTED):
                for line in _lines(result, wish.verbose):
                    tell(line)
            done()
            yield result


@contextmanager
def _progress(total: int, wish: Wish) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """How to print a line, and how to say that a talk is done. A terminal shows a bar, on standard error."""
    if not sys.stderr.isatty() or wish.to_json or total < BAR:
        yield partial(click.echo, color=wish.colour), lambda: None
        return
    console = Console(stderr=not sys.stdout.isatty(), no_color=wish.colour is False, highlight=False)
    columns = (TextColumn("conversations"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)

        def tell(line: str) -> None:
            if sys.stdout.isatty():
                console.print(Text.from_ansi(line), soft_wrap=True)
            else:
                click.echo(line, color=wish.colour)

        yield tell, lambda: progress.advance(task)


def _lines(result: Result, verbose: bool) -> Iterable[str]:
    state = click.style("ok    ", fg="green") if result.passed else click.style("failed", fg="red", bold=True)
    title = click.style(f"  {result.title}", dim=True) if result.title else ""
    yield f"{state}  {result.file}{title}"
    if verbose:
        yield from (f"        {line}" for line in transcript_lines(result))
    yield from (f"        {line}" for line in failure_lines(result))


def _tell(results: Sequence[Result], seconds: float, wish: Wish, more: Mapping[str, Any] = MappingProxyType({})) -> int:
    """Writes what machines want (with `more`) and the last line for people; returns the exit code."""
    if wish.junit is not None:
        try:
            wish.junit.write_bytes(as_junit(results, seconds))
        except OSError as error:
            raise click.FileError(str(wish.junit), error.strerror or str(error)) from error
    passed = all(result.passed for result in results)
    if wish.to_json:
        click.echo(json.dumps(as_json(results, seconds) | dict(more), ensure_ascii=False, indent=2))
    else:
        click.secho(summary(results, seconds), fg="green" if passed else "red", bold=True, color=wish.colour)
    return 0 if passed else 1


def _update(files: Sequence[Path], wish: Wish) -> None:
    """Shows what would change in each talk, and writes it where that is wanted."""
    written = 0
    everything = not sys.stdin.isatty()
    for result in wish.batch.run(files):
        if result.difference is None:
            continue
        renewed = renew(Path(result.file), wish.batch.flow)
        if renewed is None:
            continue
        for line in renewed.diff:
            colour = {"-": "red", "+": "green"}.get(line[:1])
            click.secho(line, fg=colour, color=wish.colour, err=wish.to_json)
        answer = "y" if everything else _ask()
        everything = everything or answer == "a"
        if answer == "q":
            break
        if answer in ("y", "a"):
            _write(renewed)
            written += 1
    click.echo(f"{written} talk{'' if written == 1 else 's'} updated", err=True)


def _ask() -> str:
    answer: str = click.prompt(
        "Write this? yes, no, all, quit", type=click.Choice(["y", "n", "a", "q"]), default="n", err=True
    )
    return answer


def _write(renewed: Renewed) -> None:
    try:
        renewed.file.write_bytes(renewed.text.encode())
    except OSError as error:
        raise click.FileError(str(renewed.file), error.strerror or str(error)) from error


def _watch(paths: tuple[str, ...], wish: Wish, keep: Callable[[Sequence[Path]], list[Path]]) -> None:
    """Runs talks until the user has seen enough."""
    from watchfiles import watch

    watched = Watched(paths, wish.batch.flow, keep)
    watched.look()
    changes = ([Path(path) for _, path in found] for found in watch(*watched.roots, debounce=300))
    with suppress(KeyboardInterrupt):
        for talks in rounds(watched, changes):
            began = time.perf_counter()
            _tell(list(_run(talks, wish)), time.perf_counter() - began, wish)
            click.echo("waiting for a flow or a talk to change; Ctrl-C ends", err=True)
