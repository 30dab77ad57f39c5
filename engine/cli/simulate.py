"""`frontdesk simulate`: conversations as text, run against their flows."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import click

from engine.simulate.report import as_json, as_junit, failure_lines, summary, transcript_lines
from engine.simulate.result import Result
from engine.simulate.files import find_talks
from engine.simulate.runner import run_file

WORTH_A_PROCESS: Final = 60
"""Talks for which another process pays for its start."""


@click.command("simulate", short_help="Run conversations written as text.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--flow", metavar="FLOW", help="The flow of transcripts that name none and have none in the folder above."
)
@click.option("--json", "to_json", is_flag=True, help="Results as JSON, with every conversation as it went.")
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Results as JUnit XML.")
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Processes to run in; as many as pay, if not given.")
@click.option("-v", "--verbose", is_flag=True, help="Show every conversation.")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    flow: str | None,
    to_json: bool,
    junit: Path | None,
    jobs: int | None,
    verbose: bool,
) -> None:
    """Runs talk files and bare transcripts (`Caller:` and `Agent:` lines) in simulated time.

    A PATH is a file, a folder with *.talk files anywhere below, or the name of a shipped flow. Exits 0 when all went as
    written, 1 when one did not.

    \b
    Example:
      frontdesk simulate trattoria
      frontdesk simulate calls/monday.txt --flow trattoria --junit results.xml
    """
    colour = False if "NO_COLOR" in os.environ else context.color
    began = time.perf_counter()
    results: list[Result] = []
    for result in _run(find_talks(list(paths)), flow, jobs):
        results.append(result)
        if not to_json:
            _print(result, verbose, colour)
    seconds = time.perf_counter() - began
    if junit is not None:
        try:
            junit.write_bytes(as_junit(results, seconds))
        except OSError as error:
            raise click.FileError(str(junit), error.strerror or str(error)) from error
    if to_json:
        click.echo(json.dumps(as_json(results, seconds), ensure_ascii=False, indent=2))
    passed = all(result.passed for result in results)
    if not to_json:
        click.secho(summary(results, seconds), fg="green" if passed else "red", bold=True, color=colour)
    context.exit(0 if passed else 1)


def _run(files: Sequence[Path], flow: str | None, jobs: int | None) -> Iterator[Result]:
    run = partial(run_file, flow=flow)
    workers = jobs or max(1, min(os.cpu_count() or 1, len(files) // WORTH_A_PROCESS))
    if workers == 1:
        yield from map(run, files)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(run, files, chunksize=max(1, len(files) // (workers * 4)))


def _print(result: Result, verbose: bool, colour: bool | None) -> None:
    state = click.style("ok    ", fg="green") if result.passed else click.style("failed", fg="red", bold=True)
    title = click.style(f"  {result.title}", dim=True) if result.title else ""
    click.echo(f"{state}  {result.file}{title}", color=colour)
    if verbose:
        for line in transcript_lines(result):
            click.echo(f"        {line}", color=colour)
    for line in failure_lines(result):
        click.echo(f"        {line}", color=colour)
