"""`frontdesk bench` finds the benchmarks and passes their options on."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from engine.cli.bench import benchmarks, command
from engine.errors import SettingsError


def test_every_benchmark_says_what_it_measures() -> None:
    known = benchmarks()
    assert {"check", "hearing", "understanding", "voice"} <= set(known)
    assert all(len(about) > 10 for about in known.values()), known


def test_without_a_name_it_lists_them() -> None:
    listed = CliRunner().invoke(command, [])
    assert listed.exit_code == 0
    assert all(name in listed.stdout for name in benchmarks())


def test_options_are_the_benchmarks_own(capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(command, ["voice", "--rounds", "many"]).exit_code == 2
    assert "--rounds" in capfd.readouterr().err


def test_a_name_that_there_is_not() -> None:
    failed = CliRunner().invoke(command, ["voyce"])
    assert isinstance(failed.exception, SettingsError)
    assert "voice" in str(failed.exception)
