"""The websocket of a trial: JSON and sound in both directions, until either side is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from engine.console.browser_line import BrowserLine

_GONE: Final = (WebSocketDisconnect, RuntimeError)
"""What Starlette raises once the browser is gone."""


class Out:
    """What goes to the browser, in order: JSON data and sound."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[Mapping[str, Any] | bytes | None] = asyncio.Queue()

    def __call__(self, what: Mapping[str, Any] | bytes) -> None:
        self._waiting.put_nowait(what)

    def end(self) -> None:
        self._waiting.put_nowait(None)

    async def run(self) -> None:
        """Sends until the end, or until the browser is gone."""
        while (what := await self._waiting.get()) is not None:
            try:
                await (self._socket.send_bytes(what) if isinstance(what, bytes) else self._socket.send_json(what))
            except _GONE:
                return


async def received(socket: WebSocket) -> Mapping[str, Any] | None:
    """The next JSON object; None once the browser hangs up or is gone. Whatever else comes is an empty one."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    try:
        told = json.loads(message.get("text") or "")
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    return None if told.get("hang_up") else told


async def hear(socket: WebSocket, line: BrowserLine) -> None:
    """Puts what the browser sends onto a line: sound as it is, keys as JSON `{"key": "1"}`."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            break
        if message.get("bytes"):
            line.sound(message["bytes"])
            continue
        try:
            told = json.loads(message.get("text") or "")
        except ValueError:
            continue
        if not isinstance(told, dict):
            continue
        if told.get("hang_up"):
            break
        if str(told.get("key", "")) in tuple("0123456789*#"):
            line.key(str(told["key"]))
    line.gone()


async def hang_up(socket: WebSocket) -> None:
    """Closes the websocket where it is open."""
    if socket.client_state != WebSocketState.CONNECTED:
        return
    try:
        await socket.close()
    except _GONE:
        return
