"""`frontdesk dialplan`: prints the Asterisk configuration to install for the lines of a settings file."""

from __future__ import annotations

from pathlib import Path

import click

from agi.dialplan.plan import Entry, Flavour, Plan, write_dialplan
from agi.safety import check_permissions
from engine.errors import SettingsError
from engine.settings import Settings, load_settings

EVERYWHERE = ("0.0.0.0", "::")


@click.command("dialplan")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml.")
@click.option(
    "--for",
    "flavour",
    type=click.Choice(["plain", "freepbx"]),
    default="plain",
    show_default=True,
    help="`plain` for extensions.conf, `freepbx` for extensions_custom.conf of FreePBX and its relatives.",
)
@click.option("--agi", metavar="HOST:PORT", help="Where Asterisk reaches FastAGI, if it runs on another machine.")
def command(config: Path | None, flavour: Flavour, agi: str | None) -> None:
    """Print the Asterisk configuration to install, with comments.

    \b
    Example, for a plain Asterisk:
      frontdesk dialplan > /etc/asterisk/extensions_frontdesk.conf
      then in extensions.conf:  #include extensions_frontdesk.conf
      and in your context:      include => frontdesk
    For FreePBX:
      frontdesk dialplan --for freepbx >> /etc/asterisk/extensions_custom.conf
    """
    settings = load_settings(config)
    check_permissions(settings)
    click.echo(write_dialplan(plan_of(settings, flavour, agi)), nl=False)


def plan_of(settings: Settings, flavour: Flavour = "plain", agi: str | None = None) -> Plan:
    """What the settings say about numbers and people; SettingsError where a line names a person that is not there."""
    ours = settings.asterisk
    host = "127.0.0.1" if ours.agi.host in EVERYWHERE else ours.agi.host
    address = f"[{host}]:{ours.agi.port}" if ":" in host else f"{host}:{ours.agi.port}"
    app = ours.ari.app if ours.ari is not None else None
    entries = tuple(
        Entry(number, line.name, _person(settings, line.name, line.overflow), line.before_answer, app)
        for line in settings.lines.values()
        for number in line.numbers
    )
    return Plan(
        entries,
        agi=agi or address,
        people_context=ours.people_context,
        secret=ours.secret,
        flavour=flavour,
        ring=max(1, round(ours.ring)),
        scripts=tuple(settings.outside.scripts),
    )


def _person(settings: Settings, line: str, name: str | None) -> str | None:
    if name is None:
        return None
    if name not in settings.people:
        known = ", ".join(sorted(settings.people)) or "nobody"
        raise SettingsError(f"lines.{line}.overflow: {name!r} is not under `people` ({known})")
    return settings.people[name].to
