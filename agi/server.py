"""Answers Asterisk: binds FastAGI and AudioSocket and awaits a handler for each call."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, TypeAlias

from agi.gate import Gate, networks
from agi.line import AsteriskLine
from agi.net.audiosocket import AudioSocketServer
from agi.net.fastagi import FastAgiServer, Session
from agi.scripts import check_installed, run_script
from agi.settings import AsteriskSettings
from agi.token import Tokens
from engine.errors import SettingsError

log = logging.getLogger(__name__)

SCRIPTS: Final = "script"
"""The AGI path under which the scripts of the settings stand; no line has this name."""

OnCall: TypeAlias = Callable[[AsteriskLine, str, Sequence[str]], Awaitable[None]]
"""Gets the line (not answered yet), the AGI path without slashes at its ends (`trattoria`), and the arguments."""


def gate_of(settings: AsteriskSettings) -> Gate:
    """Who may open calls; SettingsError for addresses that are none."""
    return Gate(networks(settings.allow), Tokens(settings.secret, time.time) if settings.secret else None)


class AsteriskServer:
    """When `on_call` returns, the channel goes back to the dialplan with FD_OUTCOME set; when it raises, without, so
    that the dialplan's safety net rings a person."""

    def __init__(self, settings: AsteriskSettings, on_call: OnCall) -> None:
        if settings.scripts:
            check_installed()
        self._settings, self._on_call = settings, on_call
        gate = gate_of(settings)
        self._control = FastAgiServer(
            settings.agi_host,
            settings.agi_port,
            self._serve,
            sessions=settings.calls,
            answer_within=settings.answer_within,
            gate=gate,
        )
        self._sounds = AudioSocketServer(
            settings.audio_host,
            settings.audio_port,
            sound_within=settings.sound_within,
            connections=2 * settings.calls,
            gate=gate,
        )

    async def start_sound(self, listener: socket.socket) -> None:
        """Takes sound on a socket that is bound already, and only the calls that `adopt` is given."""
        await self._sounds.start(listener)

    def adopt(self, connection: socket.socket, head: bytes) -> None:
        """Answers a call that came in elsewhere, where it was admitted; as `FastAgiServer.adopt`."""
        self._control.adopt(connection, head)

    async def start(self) -> None:
        """Binds both ports; SettingsError where one is taken, and then none stays bound."""
        await self._sounds.start()
        try:
            await self._control.start()
        except SettingsError:
            self._sounds.stop()
            raise

    async def stop(self, grace: float = 0.0) -> None:
        """Takes no new calls, lets those that run finish for `grace` seconds; the rest go to the safety net."""
        await self.finish(grace)
        self._sounds.stop()

    async def finish(self, grace: float = 0.0) -> None:
        """The same, and goes on to take the sound of calls that came in elsewhere."""
        await self._control.stop(grace)

    async def __aenter__(self) -> AsteriskServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def agi_port(self) -> int:
        """Where FastAGI listens."""
        return self._control.port

    @property
    def audio_port(self) -> int:
        """Where AudioSocket listens."""
        return self._sounds.port

    @property
    def sounds(self) -> AudioSocketServer:
        """Where the sound of calls arrives."""
        return self._sounds

    @property
    def calls(self) -> int:
        """Calls at this moment."""
        return self._control.running

    async def _serve(self, session: Session) -> None:
        request = session.request
        folder, _, name = request.path.partition("/")
        if folder == SCRIPTS and name:
            await self._run_script(session, name)
            return
        line = AsteriskLine(session, self._sounds, self._settings, self._audio_address(session))
        try:
            await self._on_call(line, request.path, request.args)
            await line.leave("done")
        finally:
            line.close()

    async def _run_script(self, session: Session, name: str) -> None:
        """A script that the dialplan calls; FD_OUTCOME is `script_done`, or why it did not come to its end."""
        path = self._settings.scripts.get(name)
        if path is None:
            log.warning("the dialplan asks for the script %r; there is %s", name, ", ".join(self._settings.scripts))
            return
        ending = await run_script(session, path, session.request.args, self._settings.longest_call)
        if ending != "hangup":
            await session.set_variable("FD_OUTCOME", f"script_{ending}")

    def _audio_address(self, session: Session) -> str:
        """Where Asterisk finds the AudioSocket server; bound to every address, the one by which it reached us."""
        if self._settings.audio_address:
            return self._settings.audio_address
        host = self._settings.audio_host
        if host in ("", "0.0.0.0", "::"):
            host = session.local_host
        return f"[{host}]:{self.audio_port}" if ":" in host else f"{host}:{self.audio_port}"
