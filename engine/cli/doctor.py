"""`frontdesk doctor`: is everything there that a server needs, and if not, what is to be done?"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

import engine.doctor  # noqa: F401  (fills the registry)
from engine.doctor.registry import Row, State, examine
from engine.settings import load_settings

MARKS: Final[dict[State, tuple[str, str]]] = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "error": ("ERROR", "red"),
    "off": ("-", "bright_black"),
}


@click.command("doctor", short_help="Is everything there that a server needs?")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml.")
@click.option("--json", "to_json", is_flag=True, help="The rows as JSON.")
@click.pass_context
def command(context: click.Context, config: Path | None, to_json: bool) -> None:
    """Look at engines, lines, database, model server, Asterisk and this machine, and say what to do.

    Changes nothing. Exits 0 when calls can be answered (warnings too), 1 when something is wrong.

    \b
    frontdesk doctor --config frontdesk.yaml
    """
    found: list[tuple[str, Row]] = []
    shown = ""
    for part, row in examine(load_settings(config)):
        found.append((part, row))
        if not to_json:
            if part != shown:
                click.secho(f"{'' if not shown else chr(10)}{part}", bold=True, color=context.color)
            shown = part
            _show(row, context.color)
    counts = Counter(row.state for _, row in found)
    if to_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        errors, warnings = counts["error"], counts["warning"]
        click.echo(f"\n{_many(errors, 'error')}, {_many(warnings, 'warning')}")
    context.exit(1 if counts["error"] else 0)


def _show(row: Row, colour: bool | None) -> None:
    mark, shade = MARKS[row.state]
    click.echo(f"  {click.style(f'{mark:<8}', fg=shade)}{row.what}: {row.text}", color=colour)
    if row.advice:
        click.echo(f"          {row.advice}", color=colour)


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _as_json(found: list[tuple[str, Row]]) -> dict[str, object]:
    rows = [{"part": part, **asdict(row)} for part, row in found]
    return {"ok": all(row.state != "error" for _, row in found), "rows": rows}
