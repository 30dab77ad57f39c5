"""`frontdesk console`: the web pages alone, and the accounts of those who use them."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from engine.actions.store import open_store
from engine.console import accounts, audit
from engine.console.accounts import ROLES, Role
from engine.console.passwords import PasswordError, Passwords
from engine.settings import load_settings
from engine.web import open_console, web_server, web_socket

_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml."
)


@click.group("console", short_help="See and change your lines in a browser.", invoke_without_command=True)
@_CONFIG
@click.pass_context
def command(context: click.Context, config: Path | None) -> None:
    """Serve the web pages at the `web` address of the settings, without answering calls.

    `frontdesk serve` serves them too. The first account is made here; others can be added in the browser.

    \b
    frontdesk console add-user maria --role admin
    frontdesk console --config frontdesk.yaml
    """
    context.obj = config
    if context.invoked_subcommand is not None:
        return
    settings = load_settings(config)
    with open_store(settings.database, settings.recordings) as store:
        app = open_console(settings, store, _now)
        with web_socket(settings) as listener:
            scheme = "https" if settings.console.certificate else "http"
            port = listener.getsockname()[1]
            click.echo(f"console      {scheme}://{settings.web.host}:{port}/")
            if not accounts.all_users(store):
                click.echo("nobody has an account yet: run `frontdesk console add-user NAME --role admin`", err=True)
            web_server(app, settings).run(sockets=[listener])


@command.command("add-user", short_help="Make an account.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@_CONFIG
@click.pass_context
def add_user(context: click.Context, name: str, role: Role, config: Path | None) -> None:
    """Make an account. The password is asked for; given on stdin, its first line is taken.

    \b
    frontdesk console add-user maria --role admin
    """
    settings = load_settings(config or context.obj)
    hashed = _ask_hashed(name)
    with open_store(settings.database, settings.recordings) as store:
        accounts.add_user(store, name, role, hashed, _now())
        audit.note(store, "(command line)", "account.add", name, _now(), {"role": role})
    click.echo(f"{name} can log in as {role}", err=True)


@command.command("set-password", short_help="Give somebody a new password.")
@click.argument("name")
@_CONFIG
@click.pass_context
def set_password(context: click.Context, name: str, config: Path | None) -> None:
    """Give somebody a new password, and log their browsers out.

    \b
    frontdesk console set-password maria
    """
    settings = load_settings(config or context.obj)
    hashed = _ask_hashed(name)
    with open_store(settings.database, settings.recordings, create=False) as store:
        accounts.set_password(store, name, hashed)
        audit.note(store, "(command line)", "account.password", name, _now())
    click.echo(f"{name} has a new password", err=True)


def _ask_hashed(name: str) -> str:
    """The hash of a password that is asked for, which must be good enough."""
    try:
        return Passwords().hash(_ask_password(), name)
    except PasswordError as fault:
        raise click.ClickException(str(fault)) from fault


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _now() -> datetime:
    return datetime.now().astimezone()
