"""`frontdesk doctor`: what is well, what is wrong, and what it says to do."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import engine.doctor  # noqa: F401
from engine.actions.store import open_store
from engine.cli.doctor import command
from engine.cli.main import main
from engine.doctor import model as model_look
from engine.doctor.registry import LOOKS, Row
from engine.settings import load_settings
from engine.shipped import find_flow
from engine.understanding.model import ModelSettings
from tests.understanding.chat_server import Answer, chat_server_beside, completion, http

SOUND = """\
database: calls.db
lines: {front: {flow: trattoria, numbers: [100], overflow: reception}}
people: {reception: 200}
asterisk: {agi: "127.0.0.1:0", audiosocket: "127.0.0.1:0"}
recordings: {folder: sound}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "frontdesk.yaml"
    path.write_text(SOUND)
    path.chmod(0o600)
    return path


def rows(part: str, file: Path) -> dict[str, Row]:
    return {row.what: row for row in LOOKS[part](load_settings(file, {}))}


def states(part: str, file: Path) -> dict[str, str]:
    return {what: row.state for what, row in rows(part, file).items()}


def add(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def test_a_sound_set_up_has_no_errors_and_nothing_is_changed(file: Path) -> None:
    before = sorted(file.parent.iterdir())
    result = CliRunner().invoke(command, ["--config", str(file), "--json"])
    report: dict[str, Any] = json.loads(result.stdout)
    assert [row for row in report["rows"] if row["state"] == "error"] == []
    assert report["ok"] is True
    assert result.exit_code == 0
    assert {row["part"] for row in report["rows"]} == set(LOOKS)
    assert sorted(file.parent.iterdir()) == before


def test_what_is_wrong_comes_with_what_to_do(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(LOOKS, "speech")  # seconds that the test before has spent
    file.write_text("model: {url: 'http://127.0.0.1:9/v1'}\nlines: {front: {flow: trattoria, overflow: nobody}}\n")
    result = CliRunner().invoke(command, ["--config", str(file)])
    assert result.exit_code == 1
    assert "nobody is rung when we are away, and is not under `people`" in result.stdout
    assert "Calls go on without it. See docs/model.md" in result.stdout
    assert "2 errors" in result.stdout


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["doctor", "--config", str(tmp_path / "none.yaml")])
    assert left.value.code == 2


def test_lines(file: Path) -> None:
    assert states("lines", file) == {"front": "ok"}
    file.write_text("lines: {front: {flow: clinic}}\n")
    assert states("lines", file)["front: overflow"] == "warning"
    broken = file.parent / "broken"
    broken.mkdir()
    (broken / "flow.yaml").write_text("frontdesk: 1\nflow: broken\n")
    file.write_text("lines: {front: {flow: broken, overflow: x}}\n")
    assert states("lines", file) == {"front": "error", "front: overflow": "error"}
    file.write_text("frontdesk: 1\n")
    assert states("lines", file) == {"lines": "warning"}


def test_the_world_outside(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        file.write_text(
            f"webhooks: {{a: {{url: 'http://127.0.0.1:{port}/', secret: x}}, b: {{url: 'http://127.0.0.1:{port}/'}}, "
            "c: {url: 'http://127.0.0.1:9/'}}\nmail: {server: '127.0.0.1:9', from: a@b.example}\n"
        )
        found = {"webhook a": "ok", "webhook b": "warning", "webhook c": "warning", "mail": "warning"}
        assert states("outside", file) == found


def test_a_flow_that_needs_what_the_settings_do_not_name(file: Path) -> None:
    folder = file.parent / "asking"
    shutil.copytree(find_flow("trattoria").parent, folder)
    flow = folder / "flow.yaml"
    text = flow.read_text(encoding="utf-8")
    flow.write_text(text.replace("  find_table:\n", "  find_table:\n    does: webhook.crm\n", 1), encoding="utf-8")
    assert "webhook.crm" in flow.read_text(encoding="utf-8")
    file.write_text("lines: {front: {flow: asking, overflow: x}}\n")
    assert states("outside", file) == {"front: find_table": "error"}
    assert "needs `webhooks: {crm:" in rows("outside", file)["front: find_table"].text


def test_the_database(file: Path) -> None:
    path = file.parent / "calls.db"
    assert "is not there yet" in rows("database", file)["database"].text
    open_store(path).close()
    assert states("database", file) == {"database": "ok"}
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer frontdesk" in rows("database", file)["database"].text
    path.write_bytes(b"no database at all, but long enough to be looked at" * 99)
    assert states("database", file) == {"database": "error"}
    file.write_text("database: mysql://host/calls\n")
    assert states("database", file) == {"database": "error"}


def test_permissions(file: Path) -> None:
    add(file, "model: {url: 'http://127.0.0.1:9', key: hush}\n")
    assert states("machine", file)["settings"] == "ok"
    file.chmod(0o644)
    settings = rows("machine", file)["settings"]
    assert (settings.state, "chmod 600" in settings.advice) == ("error", True)
    file.chmod(0o602)
    assert "changed by everybody" in rows("machine", file)["settings"].text
    (file.parent / "sound").mkdir(mode=0o755)
    assert states("machine", file)["recordings"] == "warning"


def test_ports_that_are_taken_and_ports_for_everybody(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        file.write_text(f"asterisk: {{agi: '127.0.0.1:{port}', audiosocket: '127.0.0.1:0'}}\n")
        assert "is served" in rows("asterisk", file)["FastAGI"].text
    file.write_text("asterisk: {agi: '192.0.2.1:4573', audiosocket: '127.0.0.1:0'}\n")
    found = states("asterisk", file)
    assert (found["FastAGI"], found["secret"]) == ("error", "error")
    file.write_text("asterisk: {agi: '0.0.0.0:0', audiosocket: '127.0.0.1:0', secret: hush}\n")
    assert states("asterisk", file)["secret"] == "ok"


def script(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_an_asterisk_beside_us(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(file.parent), prepend=":")
    script(file.parent, "asterisk", 'case "$2" in *version*) echo Asterisk 22;; *res_agi*) echo Running;; esac')
    assert states("asterisk", file) == {"FastAGI": "ok", "AudioSocket": "ok", "Asterisk": "ok", "res_agi": "ok",
                                        "app_audiosocket": "error", "dialplan": "warning"}  # fmt: skip
    script(file.parent, "asterisk", "exit 1")
    assert states("asterisk", file)["Asterisk"] == "warning"


def test_a_graphics_card(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(file.parent), prepend=":")
    script(file.parent, "nvidia-smi", "echo 'Some Card, 24576, 1024, 600.1'")
    assert rows("machine", file)["graphics card"].text == "Some Card, 1024 of 24576 MiB in use, driver 600.1"
    script(file.parent, "nvidia-smi", "exit 9")
    assert states("machine", file)["graphics card"] == "warning"


@pytest.fixture
def asked(file: Path) -> Callable[..., dict[str, Row]]:
    def ask(answer: Answer, more: str = "") -> dict[str, Row]:
        with chat_server_beside(answer) as server:
            file.write_text(f"model: {{url: '{server.url}'{more}}}\n")
            return rows("model", file)

    return ask


def test_a_model_server_that_is_well(asked: Any) -> None:
    found = asked('{"acts": []}')
    assert {what: row.state for what, row in found.items()} == {
        "where": "ok", "model server": "ok", "answers": "ok", "speed": "ok",
    }  # fmt: skip
    assert found["model server"].text == "it serves fake"


def test_a_model_server_that_is_not(asked: Any, file: Path) -> None:
    assert asked("Sure! I can help.")["answers"].state == "warning"
    assert "does not serve other, but fake" in asked("", ", name: other")["model server"].text
    assert asked(http("no", "500 Internal Server Error"))["answers"].state == "error"
    assert asked(http(completion(None)))["answers"].state == "error"
    file.write_text("model: {url: 'http://127.0.0.1:9/v1'}\n")
    assert states("model", file)["model server"] == "error"


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://127.0.0.1:8000/v1", "ok"),
        ("https://10.1.2.3/v1", "ok"),
        ("http://10.1.2.3/v1", "warning"),
        ("https://9.9.9.9/v1", "warning"),
        ("http://9.9.9.9/v1", "error"),
    ],
)
def test_where_the_callers_words_go(url: str, state: str) -> None:
    assert model_look.place(ModelSettings(url)).state == state
