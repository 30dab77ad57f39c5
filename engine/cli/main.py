"""The `frontdesk` command: finds its doors by entry point, so that it imports none that is not used."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

import click

from engine.errors import AuthorError, FrontdeskError

GROUP = "frontdesk.doors"
FAULTS_IN_INPUT = 1
COULD_NOT_WORK = 2


class Doors(click.Group):
    """Subcommands of every installed part of frontdesk, loaded when they are asked for."""

    def _points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=GROUP)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        point = self._points().get(cmd_name)
        if point is None:
            return None
        command = point.load()
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Doors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="frontdesk", prog_name="frontdesk")
@click.option("--no-color", is_flag=True, help="No colours, as with NO_COLOR in the environment.")
@click.pass_context
def cli(context: click.Context, no_color: bool) -> None:
    """Booking conversations written as YAML, for the telephone.

    \b
    frontdesk check trattoria      is this flow sound?
    frontdesk chat trattoria       talk to it in the terminal
    frontdesk simulate flows       run all its transcripts
    frontdesk serve                answer real Asterisk calls
    """
    if no_color:
        context.color = False


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command line. Exit codes: 0 all is well, 1 faults in what was given, 2 the work could not be done."""
    try:
        sys.exit(cli.main(args=arguments, prog_name="frontdesk", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(COULD_NOT_WORK)
    except click.exceptions.Abort:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except AuthorError as error:
        print(error)
        sys.exit(FAULTS_IN_INPUT)
    except FrontdeskError as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        sys.exit(COULD_NOT_WORK)
    except BrokenPipeError:
        sys.exit(0)
