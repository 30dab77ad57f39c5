"""What `frontdesk doctor` says of ARI: whether it lets us in, and which ways an Asterisk offers."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import engine.doctor  # noqa: F401
from engine.doctor.registry import LOOKS, Row
from engine.settings import load_settings
from tests.agi.asterisk import Asterisk

BASE = ("app_stasis", "res_ari_channels", "res_ari_bridges", "res_agi", "app_audiosocket")
WEBSOCKET, AUDIOSOCKET = "ARI with media websocket, 16 kHz", "ARI with AudioSocket, 16 kHz"


@contextmanager
def ari_with(modules: tuple[str, ...]) -> Iterator[str]:
    """A stand-in for Asterisk's web server (a fake), which knows frontdesk by the password `right`."""
    login = "Basic " + b64encode(b"frontdesk:right").decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == login
            status = 401 if not known else 200 if self.path == "/ari/asterisk/modules" else 404
            body = json.dumps([{"name": f"{name}.so", "status": "Running"} for name in modules]).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def rows(tmp_path: Path, ari: str) -> dict[str, Row]:
    file = tmp_path / "frontdesk.yaml"
    file.write_text(f"asterisk: {{ari: {{{ari}}}}}\n")
    return {row.what: row for row in LOOKS["ARI"](load_settings(file, {}))}


def test_ari_is_off_where_it_is_not_set_up(tmp_path: Path) -> None:
    assert {what: row.state for what, row in rows(tmp_path, "user: desk").items()} == {"ARI": "off"}


@pytest.mark.parametrize(
    ("modules", "media", "states"),
    [
        ((*BASE, "chan_websocket", "chan_audiosocket"), "auto", {WEBSOCKET: "ok", AUDIOSOCKET: "ok"}),
        ((*BASE, "chan_audiosocket"), "auto", {WEBSOCKET: "off", AUDIOSOCKET: "ok"}),
        ((*BASE, "chan_audiosocket"), "websocket", {WEBSOCKET: "off", AUDIOSOCKET: "ok", "sound": "error"}),
        (BASE, "auto", {WEBSOCKET: "off", AUDIOSOCKET: "off", "sound": "error"}),
    ],
)
def test_ari_ways_are_those_whose_modules_run(
    modules: tuple[str, ...], media: str, states: dict[str, str], tmp_path: Path
) -> None:
    with ari_with(modules) as url:
        found = rows(tmp_path, f'url: "{url}/ari/", password: right, media: {media}')
    expected = {"ARI": "ok", "FastAGI with AudioSocket, 8 kHz": "ok", **states}
    assert {what: row.state for what, row in found.items()} == expected
    assert all(row.advice for row in found.values() if row.state in ("off", "error"))


def test_ari_that_does_not_let_us_in_or_is_not_there(tmp_path: Path) -> None:
    with ari_with(BASE) as url:
        refused = rows(tmp_path, f'url: "{url}", password: wrong')
        elsewhere = rows(tmp_path, f'url: "{url}/there", password: right')
    away = rows(tmp_path, f'url: "{url}", password: right')
    assert [row["ARI"].state for row in (refused, elsewhere, away)] == ["error"] * 3
    assert "does not let 'frontdesk' in" in refused["ARI"].text
    assert "there is no ARI" in elsewhere["ARI"].text
    assert "does not answer" in away["ARI"].text


@pytest.mark.asterisk
def test_a_real_asterisk_offers_every_way(asterisk: Asterisk, tmp_path: Path) -> None:
    found = rows(tmp_path, f'url: "{asterisk.ari.url}", password: {asterisk.ari.password}')
    assert {row.state for row in found.values()} == {"ok"}
