"""What `script/setup` does on machines that lack something; the machine is a folder of small stand-ins on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("bash", "cat", "cut", "dirname", "env", "sha256sum")
PYTHON = """#!/bin/bash
case "$*" in
  *version_info\\ *) exit 0 ;;
  *ensurepip*) exit {ensurepip} ;;
  *print*) echo python3.11-venv ;;
  --version) echo Python 3.11.9 ;;
  *"-m venv"*) echo "venv" >>"$LOG"; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"-m pip"*) echo "pip" >>"$LOG" ;;
esac
"""


class Machine:
    """A checkout with the script alone, and the commands that this machine has."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.commands, self.log = folder / "checkout", folder / "bin", folder / "log"
        (self.checkout / "script").mkdir(parents=True)
        self.commands.mkdir()
        shutil.copy(ROOT / "script" / "setup", self.checkout / "script" / "setup")
        (self.checkout / "pyproject.toml").write_text("", encoding="utf-8")
        for name in NEEDED:
            (self.commands / name).symlink_to(str(shutil.which(name)))
        for name in ("mkdir", "cp"):
            (self.commands / name).symlink_to(str(shutil.which(name)))
        self.has("python3.11", PYTHON.format(ensurepip=0))
        for name in ("dot", "flite", "openssl", "chromium", "initdb"):
            self.has(name)
        self.has("id", "#!/bin/bash\necho 1000\n")
        self.has("apt-get", '#!/bin/bash\necho "apt-get $*" >>"$LOG"\n')

    def has(self, name: str, text: str = "#!/bin/bash\n") -> None:
        path = self.commands / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def lacks(self, name: str) -> None:
        (self.commands / name).unlink()

    def set_up(self, purpose: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.commands), "LOG": str(self.log), "HOME": os.environ.get("HOME", "/")}
        command = ["bash", str(self.checkout / "script" / "setup"), purpose]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    @property
    def done(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_fresh_machine_gets_an_environment_once(machine: Machine) -> None:
    assert machine.set_up("test").returncode == 0
    assert machine.done == ["venv", "pip"]
    assert machine.set_up("test").returncode == 0
    assert machine.done == ["venv", "pip"]


def test_what_is_set_up_for_tests_is_enough_for_the_demo(machine: Machine) -> None:
    machine.set_up("test")
    machine.set_up("demo")
    assert machine.done == ["venv", "pip"]


def test_tests_need_more_than_the_demo(machine: Machine) -> None:
    machine.set_up("demo")
    machine.set_up("test")
    assert machine.done == ["venv", "pip", "pip"]


def test_new_needs_are_installed(machine: Machine) -> None:
    machine.set_up("test")
    (machine.checkout / "pyproject.toml").write_text("changed = true\n", encoding="utf-8")
    machine.set_up("test")
    assert machine.done == ["venv", "pip", "pip"]


def test_without_rights_it_says_what_to_install(machine: Machine) -> None:
    machine.lacks("dot")
    machine.lacks("flite")
    done = machine.set_up("test")
    assert done.returncode == 2
    assert "apt-get install --yes graphviz flite" in done.stderr
    assert machine.done == []


def test_demo_needs_no_flite(machine: Machine) -> None:
    machine.lacks("flite")
    assert machine.set_up("demo").returncode == 0


def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.has("id", "#!/bin/bash\necho 0\n")
    machine.lacks("dot")
    assert machine.set_up("demo").returncode == 0
    assert [line.split()[-1] for line in machine.done if "install" in line] == ["graphviz"]


def test_sudo_installs_what_is_missing(machine: Machine) -> None:
    machine.has("sudo", '#!/bin/bash\necho sudo >>"$LOG"\n"$@"\n')
    machine.has("python3.11", PYTHON.format(ensurepip=1))
    assert machine.set_up("demo").returncode == 0
    assert machine.done[:2] == ["sudo", "apt-get update --quiet --quiet"]
    assert machine.done[3].endswith("python3.11-venv")


def test_without_apt_it_says_so(machine: Machine) -> None:
    machine.lacks("apt-get")
    machine.lacks("python3.11")
    done = machine.set_up("demo")
    assert done.returncode == 2
    assert "install these yourself" in done.stderr
    assert "python3 python3-venv" in done.stderr
