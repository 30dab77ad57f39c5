"""`frontdesk console`: accounts are made on the command line, and pages are served where nobody can read along."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.actions.store import open_store
from engine.cli.console import command
from engine.console import accounts, audit
from engine.console.passwords import Passwords
from engine.errors import FrontdeskError
from tests.console.browser import PASSWORD


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "frontdesk.yaml").write_text("frontdesk: 1\ndatabase: frontdesk.db\nweb: 0.0.0.0:0\n")
    return str(tmp_path / "frontdesk.yaml")


def test_an_account_is_made_and_gets_another_password(config: str, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(command, ["add-user", "maria", "--role", "admin", "--config", config], PASSWORD).exit_code == 0
    assert run(command, ["--config", config, "set-password", "maria"], "the blue door at the end").exit_code == 0
    with open_store(tmp_path / "frontdesk.db") as store:
        assert [(user.name, user.role) for user in accounts.all_users(store)] == [("maria", "admin")]
        kept = accounts.password_of(store, "maria")
        assert kept is not None
        assert not Passwords().matches(kept, PASSWORD)
        assert Passwords().matches(kept, "the blue door at the end")
        assert [deed.what for deed in audit.deeds(store)] == ["account.password", "account.add"]


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (["add-user", "maria", "--role", "admin"], "short", "use at least 10"),
        (["add-user", "maria", "--role", "king"], PASSWORD, "'king' is not one of"),
        (["add-user", "maria"], PASSWORD, "--role"),
    ],
)
def test_what_cannot_be_an_account_is_told(arguments: list[str], password: str, told: str, config: str) -> None:
    result = CliRunner().invoke(command, [*arguments, "--config", config], password)
    assert result.exit_code in (1, 2)
    assert told in result.output


def test_it_is_not_served_to_other_machines_in_the_clear(config: str) -> None:
    result = CliRunner().invoke(command, ["--config", config])
    assert isinstance(result.exception, FrontdeskError)
    assert "could read along" in str(result.exception)
