"""The connection to ARI, against a fake of Asterisk's web server: TLS, passwords, breaks, what was left."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from agi.ari_server import AriServer
from agi.ari_settings import AriSettings
from agi.net.ari import Ari, Refused
from agi.net.audiosocket import AudioSocketServer
from agi.settings import AsteriskSettings
from agi.wire import ari as wire
from engine.errors import PeerError, SettingsError
from tests.agi.fake_ari import LEFT, SOON, fake_asterisk, settings_of, until
from tests.agi.ways import nobody


def server_of(settings: AriSettings) -> AriServer:
    return AriServer(settings, AsteriskSettings(), AudioSocketServer("127.0.0.1", 0), nobody)


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
                await until(lambda count=count: fake.connections == count and ari.connected.is_set())  # type: ignore[misc]
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
