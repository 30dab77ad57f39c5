"""The connection to ARI, against a fake of Asterisk's web server: TLS, passwords, breaks, what was left."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from agi.ari_server import AriServer
from agi.ari_settings import AriSettings
from agi.net.ari import Ari, Refused
from agi.net.audiosocket import AudioSocketServer
from agi.settings import AsteriskSettings
from agi.wire import ari as wire
from engine.errors import PeerError, SettingsError
from tests.agi.ways import nobody

SOON = 5.0
LEFT = {"channel_ids": ["9.9", "9.9;2", "frontdesk-sound-" + "0" * 24], "bridge_ids": ["frontdesk-bridge-" + "0" * 24]}


@dataclass
class FakeAsterisk:
    """Knows frontdesk by `password`; notes what it is asked, and ends connections of events when told to."""

    password: str = "right"
    asked: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    end: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        async def rest(request: Request) -> Response:
            self.asked.append(f"{request.method} {request.url.path}")
            if request.headers.get("authorization") != self._login:
                return Response(status_code=401)
            if "/asterisk/modules/" in request.url.path:
                return JSONResponse({"message": "not found"}, 404)
            return JSONResponse(LEFT if request.method == "GET" else {})

        async def events(connection: WebSocket) -> None:
            if connection.headers.get("authorization") != self._login:
                await connection.close()
                return
            await connection.accept()
            self.connections += 1
            await connection.send_text("this is no event")
            self.end.clear()
            await self.end.wait()
            await connection.close()

        anything = Route("/ari/{path:path}", rest, methods=["GET", "POST", "PUT", "DELETE"])
        return Starlette(routes=[WebSocketRoute("/ari/events", events), anything])

    @property
    def _login(self) -> str:
        return "Basic " + b64encode(f"frontdesk:{self.password}".encode()).decode()


@asynccontextmanager
async def fake_asterisk(certificate: Path | None = None) -> AsyncIterator[FakeAsterisk]:
    fake, listener = FakeAsterisk(), socket.create_server(("127.0.0.1", 0))
    tls = {"ssl_certfile": certificate, "ssl_keyfile": certificate.with_suffix(".key")} if certificate else {}
    config = uvicorn.Config(fake.app(), log_level="critical", lifespan="off", ws="websockets-sansio", **tls)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    fake.port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield fake
    finally:
        fake.end.set()
        server.should_exit = True
        await asyncio.wait({serving}, timeout=SOON)
        listener.close()


def settings_of(fake: FakeAsterisk, scheme: str = "http") -> AriSettings:
    return AriSettings(f"{scheme}://127.0.0.1:{fake.port}", password="right", answer_within=2.0)


def server_of(settings: AriSettings) -> AriServer:
    return AriServer(settings, AsteriskSettings(), AudioSocketServer("127.0.0.1", 0), nobody)


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so; fails after a while."""
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.01)


def test_ari_gives_what_was_left_back_and_chooses_the_sound_that_is_there() -> None:
    async def main() -> None:
        async with fake_asterisk() as fake, server_of(settings_of(fake)) as server:
            assert await server.connected(SOON)
            await until(lambda: any("DELETE /ari/bridges" in asked for asked in fake.asked))
            assert server.way == "audiosocket"
            assert "POST /ari/channels/9.9/continue" in fake.asked
            assert f"DELETE /ari/channels/{LEFT['channel_ids'][2]}" in fake.asked
            assert not any(";2" in asked or "%3B2" in asked for asked in fake.asked)

    asyncio.run(main())


def test_ari_connects_again_after_longer_and_longer_waits() -> None:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 5:
            await asyncio.Event().wait()

    async def connected() -> None:
        pass

    async def main() -> None:
        async with fake_asterisk() as fake:
            ari = Ari(settings_of(fake), lambda event: None, connected, wait)
            running = asyncio.create_task(ari.run())
            for count in range(1, 4):
                await until(lambda count=count: fake.connections == count and ari.connected.is_set())
                fake.end.set()
            await until(lambda: fake.connections == 4)
            running.cancel()
            await ari.close()
        away = Ari(settings_of(fake), lambda event: None, connected, wait)
        running = asyncio.create_task(away.run())
        await until(lambda: len(waits) > 5)
        running.cancel()
        assert waits == [0.5, 1.0, 2.0, 0.5, 1.0, 2.0]

    asyncio.run(main())


def test_ari_says_what_is_wrong_with_a_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "agi")

    async def main() -> None:
        async with fake_asterisk() as fake, server_of(replace(settings_of(fake), password="wrong")) as server:
            assert not await server.connected(0.5)
            ari = Ari(replace(settings_of(fake), password="wrong"), lambda event: None, asyncio.Event().wait)  # type: ignore[arg-type]
            with pytest.raises(Refused, match="401"):
                await ari.ask(wire.answer("1.1"))
            await ari.close()

    asyncio.run(main())
    assert "wrong" not in caplog.text
    assert "right" not in caplog.text


def test_ari_over_https_needs_a_certificate_that_is_vouched_for(tmp_path: Path) -> None:
    certificate = tmp_path / "pbx.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", certificate.with_suffix(".key")],
        check=True, capture_output=True,
    )  # fmt: skip

    async def main() -> None:
        async with fake_asterisk(certificate) as fake:
            settings = settings_of(fake, "https")
            async with server_of(replace(settings, ca_file=certificate)) as server:
                assert await server.connected(SOON)
            stranger = Ari(settings, lambda event: None, asyncio.Event().wait)  # type: ignore[arg-type]
            with pytest.raises(PeerError, match="certificate verify failed"):
                await stranger.ask(wire.answer("1.1"))
            await stranger.close()

    asyncio.run(main())


def test_ari_that_is_away_is_a_fault_of_the_peer() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and says nothing
            port = mute.getsockname()[1]
            settings = AriSettings(f"http://127.0.0.1:{port}", answer_within=0.1)
            ari = Ari(settings, lambda event: None, asyncio.Event().wait)  # type: ignore[arg-type]
            with pytest.raises(PeerError, match="did not answer POST"):
                await ari.ask(wire.answer("1.1"))
            await ari.tell(wire.answer("1.1"))
            await ari.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("change", "why"),
    [({"url": "pbx:8088"}, "no address"), ({"url": "http://pbx/?x"}, "no address"), ({"app": "a,b"}, "letters"),
     ({"url": "https://pbx", "ca_file": Path("/nowhere")}, "ca_file"), ({"rate": 44100}, "neither 8000")],
)  # fmt: skip
def test_ari_settings_that_cannot_be_used(change: dict[str, object], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        replace(AriSettings("http://127.0.0.1:8088"), **change).check()  # type: ignore[arg-type]
