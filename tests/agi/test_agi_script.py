"""`script/asterisk` says what is wrong, and does no harm twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agi.asterisk import SCRIPT, Asterisk


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    where = {**os.environ, "ASTERISK_RUN": str(folder), **environment}
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], env=where, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"ASTERISK_SIP_PORT": "none"}, "ASTERISK_SIP_PORT='none' is not a port"),
        ({"ASTERISK_HUMAN_PORT": "70000"}, "ASTERISK_HUMAN_PORT='70000' is not a port"),
        ({"ASTERISK_RUN": "/tmp/" + "long" * 30}, "too long for a unix socket"),
    ],
)
def test_script_refuses_a_setting(tmp_path: Path, environment: dict[str, str], says: str) -> None:
    done = run(tmp_path, "down", **environment)
    assert done.returncode == 2
    assert says in done.stderr


def test_script_without_a_dialplan_starts_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "up", "--dialplan", str(tmp_path / "missing.conf"), ASTERISK_ROOT=str(tmp_path / "root"))
    assert done.returncode == 2
    assert "missing.conf" in done.stderr
    assert not (tmp_path / "root").exists()


def test_script_down_twice_is_well(tmp_path: Path) -> None:
    assert [run(tmp_path, "down").returncode for _ in range(2)] == [0, 0]


@pytest.mark.asterisk
def test_script_up_again_is_the_same_asterisk(asterisk: Asterisk) -> None:
    first, second = (run(asterisk.run, "up", "--dialplan", str(asterisk.run / "plan.conf")) for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout


@pytest.mark.asterisk
def test_script_says_which_port_is_taken(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("ast")
    port = str(asterisk.sip[1])
    done = run(folder, "up", "--dialplan", str(asterisk.run / "plan.conf"), ASTERISK_SIP_PORT=port)
    assert done.returncode == 2
    assert f"is port {port} taken?" in done.stderr
