"""What `frontdesk simulate` does beyond running talks: coverage, talks that write themselves, callers, mutants."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.check.graph import picture
from engine.coverage.marks import marks
from engine.coverage.page import page
from engine.coverage.report import Coverage, as_json, cover, table
from engine.drawing import IMAGES, TEXTS, draw, svg
from engine.errors import AuthorError, SettingsError
from engine.flow.loader import read_path
from engine.shipped import find_flow
from engine.simulate.callers import USUAL
from engine.simulate.crowd import Tally, crowd, distinct, told
from engine.simulate.files import find_talks, flow_of, read_file
from engine.simulate.generating import generate, save
from engine.simulate.result import Result
from engine.simulate.scoring import Judged, Score, count_mutants, is_about, score
from engine.simulate.stage import load_stage

F = TypeVar("F", bound=Callable[..., Any])
SHOWN: Final = "-"
"""Coverage as a table on the terminal."""
_FILES: Final = (".json", ".html", *IMAGES, *TEXTS)


@dataclass(frozen=True, slots=True)
class Trials:
    """The options that are not about running talks."""

    coverage: str | None = None
    least: float | None = None
    generate: Path | None = None
    random: int | None = None
    seed: int = 1
    errors: float = USUAL.errors
    mutate: bool = False

    @property
    def watched(self) -> bool:
        """Whether coverage is wanted of the talks that run; with `mutate`, `least` is about the faults noticed."""
        return self.coverage is not None or (self.least is not None and not self.mutate)

    @property
    def runs_talks(self) -> bool:
        """Whether talks are run at all."""
        return self.watched or not (self.generate or self.alone)

    @property
    def alone(self) -> bool:
        """Whether something is wanted that runs by itself, in place of the talks."""
        return self.random is not None or self.mutate


def options(command: F) -> F:
    """Adds the options to a command, whose function takes them as keyword arguments of `Trials`."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


_OPTIONS: Final = (
    click.option(
        "--coverage", metavar="[FILE]", is_flag=False, flag_value=SHOWN,
        help="What callers can live through and what of it the talks did: as a table, or into FILE: .json, .html, or "
        "the marked flow as .svg, .png, .mmd or .dot.",
    ),
    click.option(
        "--min", "least", metavar="PERCENT", type=click.FloatRange(0, 100),
        help="Exit with 1 when a flow's talks cover less or, with --mutate, notice less.",
    ),
    click.option(
        "--generate", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
        help="Write talks that cover all that a flow can do; with --coverage only what the talks leave out.",
    ),
    click.option(
        "--random", metavar="N", type=click.IntRange(1),
        help="Let N random callers call, and look for broken promises; the smallest conversation of one is shown.",
    ),
    click.option("--seed", metavar="S", type=int, default=1, show_default=True, help="Which random callers call."),
    click.option(
        "--errors", metavar="RATE", type=click.FloatRange(0, 1), default=USUAL.errors, show_default=True,
        help="How often a random caller is misheard.",
    ),
    click.option(
        "--mutate", is_flag=True,
        help="Put every fault into the flow, one at a time, and say how many its talks notice.",
    ),
)  # fmt: skip


def split(coverage: str | None, paths: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Where coverage goes, and the PATHs: what follows `--coverage` is one of them unless it ends like its files."""
    if coverage is None or coverage == SHOWN or coverage.endswith(_FILES):
        return coverage, tuple(paths)
    if Path(coverage).suffix and not Path(coverage).exists():
        raise click.UsageError(f"coverage is written into {', '.join(_FILES)}, not into {coverage}")
    return SHOWN, (coverage, *paths)


def shown_path(file: str) -> str:
    """A file's name as seen from here."""
    path = os.path.relpath(file)
    return file if path.startswith("..") else path


def coverages(results: Sequence[Result]) -> list[Coverage]:
    """Coverage of every flow that talks are about."""
    flows: dict[str, list[Result]] = {}
    for result in results:
        if result.flow:
            flows.setdefault(str(Path(result.flow).resolve()), []).append(result)
    found: list[Coverage] = []
    for path, talks in flows.items():
        lived = frozenset(item for talk in talks for item in talk.lived)
        stage = load_stage(Path(path))
        found.append(cover(stage.compiled, read_path(path), lived, len(talks), shown_path))
    return found


def data(found: Sequence[Coverage]) -> dict[str, Any]:
    """Coverage beside the results of talks."""
    return {"coverage": [as_json(one) for one in found]} if found else {}


def tell(trials: Trials, found: Sequence[Coverage], paths: Sequence[str], flow: str | None, to_json: bool) -> int:
    """Shows coverage where it is wanted and writes the talks that it lacks. 1 where a flow has too little of it. Raises
    SettingsError."""
    target = trials.coverage
    if target is not None and target != SHOWN:
        _write(Path(target), found)
        click.echo(f"coverage written into {target}", err=True)
    elif target == SHOWN and not to_json:
        for coverage in found:
            click.echo("\n".join(table(coverage)))
    code = write_talks(trials.generate, flows_of(paths, flow), found) if trials.generate is not None else 0
    least = trials.least
    short = [one for one in found if least is not None and one.percent < least]
    for one in short:
        click.echo(f"{one.flow}: {one.percent:.1f} % is covered, and {least:g} % is asked for", err=True)
    return 1 if short else code


def run(trials: Trials, paths: Sequence[str], flow: str | None, to_json: bool, jobs: int | None) -> int:
    """What is done without running the talks of a flow. The exit code."""
    flows = flows_of(paths, flow)
    data: dict[str, list[dict[str, Any]]] = {"random": [], "mutation": []}
    codes = [0]
    if trials.generate is not None:
        codes.append(write_talks(trials.generate, flows, ()))
    for one in flows:
        if trials.random is not None:
            data["random"].append(call_at_random(one, trials, jobs, to_json))
            codes.append(1 if data["random"][-1]["broken"] else 0)
        if trials.mutate:
            data["mutation"].append(show_score(one, paths, jobs, to_json))
            codes.append(_enough(data["mutation"][-1], trials.least or 0))
    if to_json:
        click.echo(json.dumps({key: found for key, found in data.items() if found}, ensure_ascii=False, indent=1))
    return max(codes)


def _enough(score: dict[str, Any], least: float) -> int:
    if score["percent"] >= least:
        return 0
    click.echo(f"{score['flow']}: {score['percent']:.1f} % is noticed, and {least:g} % is asked for", err=True)
    return 1


def call_at_random(flow: Path, trials: Trials, jobs: int | None, to_json: bool) -> dict[str, Any]:
    """Random callers of one flow, and what they met."""
    tally, began = Tally(), time.perf_counter()
    calls, habits = trials.random or 0, replace(USUAL, errors=trials.errors)
    with progress("calls", calls) as advance:
        for part in crowd(flow, calls, trials.seed, habits, jobs):
            tally.add(part)
            advance(part.calls)
    seconds = time.perf_counter() - began
    name = load_stage(flow).flow.name
    talks = [told(flow, one) for one in distinct(tally.broken)]
    if not to_json:
        click.echo(f"{name}: {tally}; {seconds:.1f} seconds (seed {trials.seed})")
        click.echo("no promise was broken" if not talks else f"{len(tally.broken)} calls broke a promise:")
        for talk in talks:
            click.echo(f"\n{talk}", nl=False)
    return {"flow": name, "seed": trials.seed, "seconds": round(seconds, 2), **tally.to_json(), "talks": talks}


def show_score(flow: Path, paths: Sequence[str], jobs: int | None, to_json: bool) -> dict[str, Any]:
    """The mutation score of the talks of a flow, with the faults that they do not notice."""
    reading, stage = read_path(flow), load_stage(flow)
    talks = [file for file in find_talks(list(paths)) if is_about(file, flow)]
    judged: list[Judged] = []
    with progress("faults", count_mutants(stage.flow)) as advance:
        for one in score(flow, talks, jobs):
            judged.append(one)
            advance(1)
    result = Score(stage.flow.name, tuple(judged), len(talks))
    if not to_json:
        click.echo("\n".join(result.lines(reading, shown_path)))
    return result.to_json(reading, shown_path)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, on standard error."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    console = Console(stderr=True, highlight=False, no_color="NO_COLOR" in os.environ)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)


def _write(file: Path, found: Sequence[Coverage]) -> None:
    ending = file.suffix.lower()
    if ending in (*IMAGES, *TEXTS):
        if len(found) != 1:
            raise SettingsError(f"{file.name} can show one flow; these talks are about {len(found)}")
        draw(load_stage(_path(found[0])).compiled, file, marks=_marks(found[0]))
        return
    text = json.dumps({"flows": [as_json(one) for one in found]}, ensure_ascii=False, indent=1)
    if ending == ".html":
        text = page(found, _sources(found), _pictures(found))
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {file}: {error.strerror}") from error


def _path(coverage: Coverage) -> Path:
    return Path(coverage.path).resolve()


def _marks(coverage: Coverage) -> Any:
    missing = frozenset(one.item for one in coverage.missing)
    return marks(load_stage(_path(coverage)).compiled, coverage.lived, missing)


def _pictures(found: Sequence[Coverage]) -> dict[str, str]:
    drawn = {one.path: svg(picture(load_stage(_path(one)).compiled, (), _marks(one))) for one in found}
    return {path: image for path, image in drawn.items() if image is not None}


def _sources(found: Sequence[Coverage]) -> dict[str, Sequence[str]]:
    """The lines of every file of the flows."""
    return {
        shown_path(file): lines for one in found for file, lines in read_path(_path(one)).report.sources.items()
    }


# flows


def flows_of(paths: Sequence[str], otherwise: str | None) -> list[Path]:
    """The flows that are meant: shipped names, folders and files of flows, and the flows of talks. Raises
    SettingsError where there is none."""
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        if path.suffix in (".yaml", ".yml") or (path / "flow.yaml").is_file() or not path.exists():
            found[find_flow(text).resolve()] = None
            continue
        for file in find_talks([text]):
            try:
                found[flow_of(read_file(file), file, otherwise)] = None
            except AuthorError as error:
                raise SettingsError(str(error)) from error
    return list(found)


def write_talks(into: Path, flows: Sequence[Path], found: Sequence[Coverage]) -> int:
    """Writes talks for every flow, but for what is covered, and says what they come to. 1 where something is left that
    was neither come to nor proven out of reach."""
    left = 0
    known = {str(Path(one.path).resolve()): one for one in found}
    for flow in flows:
        stage, before = load_stage(flow), known.get(str(flow))
        lived, count = set(before.lived if before else ()), 0
        for made in generate(stage, frozenset(lived)):
            click.echo(shown_path(str(save(made, into / stage.flow.name if len(flows) > 1 else into, flow))))
            lived |= made.lived
            count += 1
        coverage = cover(stage.compiled, read_path(flow), lived, count + (before.talks if before else 0), shown_path)
        click.echo(f"{stage.flow.name}: {count} talks written; {coverage.percent:.1f} % is covered", err=True)
        for one in coverage.unreachable:
            click.echo(f"  proven never to happen: {one.item.kind} {one.item} ({one.lines})", err=True)
        for one in coverage.missing:
            click.echo(f"  no way found: {one.item.kind} {one.item} ({one.lines}): {one.hint}", err=True)
        left += len(coverage.missing)
    return 1 if left else 0
