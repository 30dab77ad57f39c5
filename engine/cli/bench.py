"""`frontdesk bench`: the project's benchmarks, from a checkout."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from engine.errors import SettingsError

FOLDER: Final = Path(__file__).resolve().parents[2] / "benchmarks"


def benchmarks(folder: Path = FOLDER) -> dict[str, str]:
    """The first sentence about each benchmark, by its name; none where frontdesk was installed without its sources."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found[path.stem] = about.split("\n\n")[0].split(": `")[0].replace("\n", " ").rstrip(".")
    return found


_THEIR_OWN: Final = {"ignore_unknown_options": True, "allow_interspersed_args": False}
"""What stands after the name, `--help` too, is for the benchmark."""


@click.command("bench", context_settings=_THEIR_OWN, short_help="Run one of the benchmarks.")
@click.argument("name", required=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, name: str | None, options: tuple[str, ...]) -> None:
    """Run the benchmark NAME with its own options, and print its JSON; without NAME, say which there are.

    \b
    Example:
      frontdesk bench voice --noise 20,10 --json
      frontdesk bench voice --help
    """
    known = benchmarks()
    if not known:
        raise SettingsError("the benchmarks are not installed; they come with the sources of frontdesk")
    if name is None:
        for each, about in known.items():
            click.echo(f"{each:15} {about}")
        return
    if name not in known:
        raise SettingsError(f"there is no benchmark {name!r}; there are: {', '.join(known)}")
    done = subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *options], check=False)
    context.exit(0 if done.returncode == 0 else 2)
