"""`frontdesk graph`: the picture of a flow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from engine.check.drawing import mermaid
from engine.check.graph import Marks, picture
from engine.coverage.items import Item
from engine.coverage.marks import marks
from engine.coverage.reach import unreachable
from engine.dialogue.machine import Compiled
from engine.drawing import draw
from engine.errors import AuthorError, SettingsError
from engine.shipped import find_flow
from engine.simulate.batch import Batch
from engine.simulate.files import find_talks
from engine.simulate.runner import run_file
from engine.simulate.stage import load_stage


@click.command("graph", short_help="Draw a flow.")
@click.argument("flow")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw into this file: .svg, .png, .mmd (Mermaid) or .dot. SVG and PNG need Graphviz.",
)
@click.option("--talk", metavar="FILE", help="Mark the way that this talk takes, with the number of each move.")
@click.option(
    "--coverage",
    metavar="PATH",
    help="Mark what talks cover: talk files, a folder of them, or what `simulate --coverage FILE.json` wrote.",
)
def command(flow: str, output: Path | None, talk: str | None, coverage: str | None) -> None:
    """Draws the compiled machine of a flow: what the engine runs is what the picture shows.

    Without -o the picture is written to the terminal as Mermaid text, which code hosts show as a picture.

    \b
    Example:
      frontdesk graph trattoria -o trattoria.svg
      frontdesk graph trattoria --talk flows/trattoria/talks/straight.talk -o straight.png
      frontdesk graph trattoria --coverage trattoria -o coverage.svg
    """
    if talk is not None and coverage is not None:
        raise click.UsageError("a picture shows a talk or coverage, not both")
    path = find_flow(flow).resolve()
    compiled = load_stage(path).compiled
    visited = _visited(talk, path) if talk is not None else ()
    marked = _covered(coverage, path, compiled) if coverage is not None else None
    if output is None:
        click.echo(mermaid(picture(compiled, visited, marked)), nl=False)
    else:
        click.echo(f"drawn into {draw(compiled, output, visited, marked)}", err=True)


def _visited(talk: str, flow: Path) -> tuple[str, ...]:
    """The positions of a talk, in their order. Raises AuthorError when it cannot run on the flow."""
    result = run_file(talk, str(flow))
    if result.faults:
        raise AuthorError(result.faults)
    if Path(result.flow).resolve() != flow:
        raise SettingsError(f"{talk} is about another flow: {result.flow}")
    return result.positions


def _covered(path: str, flow: Path, compiled: Compiled) -> Marks:
    """Marks of what talks lived through, or of what a coverage file says."""
    lived = _read(Path(path), compiled) if path.endswith(".json") else _lived(path, flow)
    missing = load_stage(flow).watch.possible - lived
    return marks(compiled, lived, missing - unreachable(compiled) if missing else missing)


def _lived(path: str, flow: Path) -> frozenset[Item]:
    results = Batch(str(flow), watched=True, whole=False).run(find_talks([path]))
    return frozenset(item for one in results if Path(one.flow).resolve() == flow for item in one.lived)


def _read(file: Path, compiled: Compiled) -> frozenset[Item]:
    """What a coverage file says was lived through in this flow. Raises SettingsError where it says nothing of it."""
    try:
        data: Any = json.loads(file.read_text("utf-8"))
        found = {flow["flow"]: flow["lived"] for flow in data["flows"]}
        items = [Item(*map(str, item)) for item in found[compiled.flow.name]]  # type: ignore[arg-type]
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        hint = "It should be what `frontdesk simulate --coverage FILE.json` wrote."
        raise SettingsError(f"{file} holds no coverage of `{compiled.flow.name}`. {hint}") from error
    return frozenset(items)
