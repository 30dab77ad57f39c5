"""What a user gets from `pip install frontdesk`: the wheel works in a clean environment, away from the checkout."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a program without this environment's packages; its words when it fails are the test's."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, pytestconfig: pytest.Config) -> Iterator[Path]:
    """The `bin` of an environment with the wheel and what it needs; the needs are kept from run to run. One run at a
    time: a second one in the same checkout waits until these tests are over."""
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    key = hashlib.sha256(repr((sys.version, needs)).encode()).hexdigest()[:12]
    assert pytestconfig.cache is not None
    kept = pytestconfig.cache.mkdir(f"installed-{key}")
    wheel = next(dist.glob("*.whl"))
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install(kept, wheel, dist)
        yield kept / "tree" / "bin"


def _install(kept: Path, wheel: Path, dist: Path) -> None:
    venv = kept / "tree"
    pip = (venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not (kept / "complete").exists():
        run(sys.executable, "-m", "venv", "--clear", venv, cwd=dist)
        run(*pip, wheel, cwd=dist)
        (kept / "complete").touch()
    else:
        run(*pip, "--no-deps", "--force-reinstall", wheel, cwd=dist)


def test_wheel_and_sdist_carry_what_they_should(dist: Path) -> None:
    wheel = set(zipfile.ZipFile(next(dist.glob("*.whl"))).namelist())
    for name in ("flows/trattoria/flow.yaml", "flows/clinic/flow.yaml", "schemas/flow.schema.json"):
        assert f"engine/_shipped/{name}" in wheel
    assert any(name.endswith("licenses/NOTICE") for name in wheel)
    assert not [name for name in wheel if name.startswith("tests/")]
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        sdist = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "flows/trattoria/flow.yaml", "schemas/flow.schema.json", "README.md"} <= sdist


@pytest.mark.parametrize("flow", ["trattoria", "clinic"])
def test_installed_command_checks_a_shipped_flow(installed: Path, tmp_path: Path, flow: str) -> None:
    run(installed / "frontdesk", "check", flow, cwd=tmp_path)


def test_installed_command_runs_a_talk(installed: Path, tmp_path: Path) -> None:
    talk = tmp_path / "first.talk"
    lines = ("given flow trattoria", "given now 2026-10-01 11:00", "agent: hello", "caller: goodbye", "expect end", "")
    talk.write_text("\n".join(lines), encoding="utf-8")
    run(installed / "frontdesk", "simulate", talk, cwd=tmp_path)


def test_installed_code_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import engine, agi; print(engine.__file__, agi.__file__)", cwd=tmp_path)
    assert where.count(str(installed.parent)) == 2
