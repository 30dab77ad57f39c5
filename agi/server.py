"""Answers Asterisk: binds FastAGI and AudioSocket and awaits a handler for each call."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import TypeAlias

from agi.destination import is_signed
from agi.line import AsteriskLine
from agi.net.audiosocket import AudioSocketServer
from agi.net.fastagi import FastAgiServer, Session
from agi.settings import AsteriskSettings
from engine.errors import SettingsError

log = logging.getLogger(__name__)

OnCall: TypeAlias = Callable[[AsteriskLine, str, Sequence[str]], Awaitable[None]]
"""Gets the line (not answered yet), the AGI path without slashes at its ends (`trattoria`), and the arguments."""


class AsteriskServer:
    """When `on_call` returns, the channel goes back to the dialplan with FD_OUTCOME set; when it raises, without, so
    that the dialplan's safety net rings a person."""

    def __init__(self, settings: AsteriskSettings, on_call: OnCall) -> None:
        if "g" not in settings.dial_options.partition("(")[0]:
            raise SettingsError(f"dial options {settings.dial_options!r} lack `g`: a call would end with its transfer")
        self._settings, self._on_call = settings, on_call
        self._control = FastAgiServer(
            settings.agi_host,
            settings.agi_port,
            self._serve,
            sessions=settings.calls,
            answer_within=settings.answer_within,
        )
        self._sounds = AudioSocketServer(
            settings.audio_host,
            settings.audio_port,
            sound_within=settings.sound_within,
            connections=2 * settings.calls,
        )

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
        await self._control.stop(grace)
        self._sounds.stop()

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
    def calls(self) -> int:
        """Calls at this moment."""
        return self._control.running

    async def _serve(self, session: Session) -> None:
        request = session.request
        if not is_signed(self._settings.secret, request.path, request.query):
            log.warning("an AGI request for %r without our signature is refused", request.path)
            return
        line = AsteriskLine(session, self._sounds, self._settings, self._audio_address(session))
        try:
            await self._on_call(line, request.path, request.args)
            await line.leave("done")
        finally:
            line.close()

    def _audio_address(self, session: Session) -> str:
        """Where Asterisk finds the AudioSocket server; bound to every address, the one by which it reached us."""
        if self._settings.audio_address:
            return self._settings.audio_address
        host = self._settings.audio_host
        if host in ("", "0.0.0.0", "::"):
            host = session.local_host
        return f"[{host}]:{self.audio_port}" if ":" in host else f"{host}:{self.audio_port}"
