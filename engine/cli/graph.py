"""`frontdesk graph`: the picture of a flow."""

from __future__ import annotations

from pathlib import Path

import click

from engine.check.drawing import mermaid
from engine.check.graph import picture
from engine.dialogue.machine import compile_flow
from engine.drawing import draw
from engine.flow.loader import load_flow
from engine.flow.shipped import find_flow


@click.command("graph", short_help="Draw a flow.")
@click.argument("flow")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw into this file: .svg, .png, .mmd (Mermaid) or .dot. SVG and PNG need Graphviz.",
)
def command(flow: str, output: Path | None) -> None:
    """Draws the compiled machine of a flow: what the engine runs is what the picture shows.

    Without -o the picture is written to the terminal as Mermaid text, which code hosts show as a picture.

    \b
    Example:
      frontdesk graph trattoria -o trattoria.svg
    """
    compiled = compile_flow(load_flow(find_flow(flow)))
    if output is None:
        click.echo(mermaid(picture(compiled)), nl=False)
    else:
        click.echo(f"drawn into {draw(compiled, output)}", err=True)
