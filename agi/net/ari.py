"""The connection to ARI: requests with deadlines, and a websocket of events that comes back when it broke."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from agi.ari_settings import AriSettings
from agi.backoff import Backoff
from agi.wire.ari import LONGEST_EVENT, Event, Replaced, Request, choose_events, events_target, parse_event, parse_reply
from engine.errors import PeerError

log = logging.getLogger(__name__)

AFTER_REPLACED: Final = 30.0
"""Seconds that we leave our name to another program that took it."""
LONGEST_REPLY: Final = 1_000_000
PING_EVERY: Final = 20.0
KEPT_OPEN: Final = 10.0
"""Seconds for which an idle HTTP connection is used again; Asterisk closes them after 15."""
NOT_FOUND: Final = 404


class Refused(PeerError):
    """Asterisk answered a request with an error."""

    def __init__(self, request: Request, status: int, words: str) -> None:
        super().__init__(f"ARI refused {request.method} {request.path} with {status}: {words[:200]}")
        self.status = status


class Ari:
    """One application in one Asterisk. `run` keeps the events coming; requests work whether they do or not."""

    def __init__(
        self,
        settings: AriSettings,
        on_event: Callable[[Event], None],
        on_connected: Callable[[], Awaitable[None]],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app = settings.checked_app
        self.connected = asyncio.Event()
        """Set while events come."""
        self.local_host = ""
        """Our own address as Asterisk sees it, once we are connected."""
        self._settings, self._on_event, self._on_connected, self._wait = settings, on_event, on_connected, wait
        self._base, self.tls = settings.base, settings.tls()
        self._http = httpx.AsyncClient(
            base_url=f"{self._base}/ari",
            auth=(settings.user, settings.password),
            timeout=settings.answer_within,
            limits=httpx.Limits(max_connections=50, keepalive_expiry=KEPT_OPEN),
            verify=self.tls if self.tls is not None else False,
            trust_env=False,
        )

    async def ask(self, request: Request) -> Mapping[str, Any]:
        """What Asterisk answers. Refused where it does not do it; PeerError where no answer comes in time."""
        try:
            async with asyncio.timeout(self._settings.answer_within):
                return await self._ask(request)
        except (TimeoutError, httpx.HTTPError) as fault:
            why = str(fault) or type(fault).__name__
            raise PeerError(f"ARI did not answer {request.method} {request.path}: {why}") from fault

    async def _ask(self, request: Request) -> Mapping[str, Any]:
        body = None if request.body is None else dict(request.body)
        async with self._http.stream(request.method, request.target, json=body) as reply:
            content = bytearray()
            async for piece in reply.aiter_bytes():
                content += piece
                if len(content) > LONGEST_REPLY:
                    raise PeerError(f"ARI answered {request.path} with more than {LONGEST_REPLY} bytes")
        if reply.status_code >= 300:
            raise Refused(request, reply.status_code, content.decode("utf-8", "replace"))
        return parse_reply(bytes(content))

    async def tell(self, *requests: Request) -> None:
        """Asks for each of them, whatever becomes of the one before: to tidy up, where what is gone already is fine."""
        for request in requests:
            try:
                await self.ask(request)
            except Refused as fault:
                (log.debug if fault.status == NOT_FOUND else log.info)("%s", fault)
            except PeerError as fault:
                log.warning("%s", fault)

    def websocket_url(self, path: str) -> str:
        """The address of one of Asterisk's websockets."""
        return "ws" + self._base.removeprefix("http") + path

    async def run(self) -> None:
        """Connects, and again whenever the connection broke or Asterisk is away, until it is cancelled."""
        backoff = Backoff()
        while True:
            replaced = False
            try:
                async with self._events() as events:
                    backoff.started(time.monotonic())
                    self.local_host = str(events.local_address[0])
                    replaced = await self._listen(events)
            except (OSError, TimeoutError, WebSocketException, PeerError) as fault:
                log.warning("ARI at %s: %s", self._base, _explained(fault, self._settings))
            finally:
                self.connected.clear()
            seconds = backoff.failed(time.monotonic())
            await self._wait(AFTER_REPLACED if replaced else seconds)

    @contextlib.asynccontextmanager
    async def _events(self) -> AsyncIterator[ClientConnection]:
        login = b64encode(f"{self._settings.user}:{self._settings.password}".encode()).decode()
        async with connect(
            self.websocket_url("/ari" + events_target(self.app)),
            additional_headers={"Authorization": f"Basic {login}"},
            ssl=self.tls,
            proxy=None,
            compression=None,
            open_timeout=self._settings.answer_within,
            ping_interval=PING_EVERY,
            close_timeout=1.0,
            max_size=LONGEST_EVENT,
        ) as events:
            yield events

    async def _listen(self, events: ClientConnection) -> bool:
        """Passes events on until the connection ends; whether another program took our name."""
        await self.tell(choose_events(self.app))
        looking = asyncio.get_running_loop().create_task(self._look_around())
        self.connected.set()
        log.info("ARI at %s: events of %s come", self._base, self.app)
        try:
            async for text in events:
                if isinstance(self._take(text), Replaced):
                    log.error(
                        "another program has connected to ARI as %r and gets our calls: give one of them another "
                        "`asterisk.ari.app`", self.app,
                    )  # fmt: skip
                    return True
            log.warning("ARI at %s: Asterisk ended the connection of events", self._base)
            return False
        finally:
            looking.cancel()

    def _take(self, text: str | bytes) -> Event | None:
        try:
            event = parse_event(text)
        except PeerError as fault:
            log.warning("%s", fault)
            return None
        if event is not None:
            try:
                self._on_event(event)
            except Exception:  # where an event ends: the next one, of another call, must come
                log.exception("an event of ARI ended by a fault of ours")
        return event

    async def _look_around(self) -> None:
        try:
            await self._on_connected()
        except PeerError as fault:
            log.warning("ARI: %s", fault)

    async def close(self) -> None:
        """Closes idle connections."""
        await self._http.aclose()


def _explained(fault: BaseException, settings: AriSettings) -> str:
    if isinstance(fault, InvalidStatus) and fault.response.status_code == 401:
        return f"the user {settings.user!r} or the password is not in its ari.conf"
    if isinstance(fault, InvalidStatus) and fault.response.status_code == NOT_FOUND:
        return "there is no ARI: is `enabled = yes` in ari.conf and http.conf, and res_ari loaded?"
    return str(fault) or type(fault).__name__
