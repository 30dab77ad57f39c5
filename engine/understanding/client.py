"""Talks to a model server through its chat completions (vLLM, or any server that speaks the same): one deadline over
everything, answers of a limited size, and a breaker that stops asking while the server fails."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar

import httpx

from engine.understanding.breaker import Breaker
from engine.understanding.model import FaultKind, ModelFault, ModelPrompt, ModelSettings, ModelWatch, Schema

log = logging.getLogger(__name__)

T = TypeVar("T")
LONGEST_BODY: Final = 65_536
"""Bytes of an answer that are read; a whole one has a few hundred."""
WARM_WITHIN: Final = 10.0
"""Seconds for the first question of a flow, at which the server learns its schema and its prefix."""
_CONNECTIONS: Final = 64
_KEEP_ALIVE: Final = 4.0
"""Seconds that an idle connection is kept; shorter than servers keep theirs, so that none breaks under a question."""


class ModelServer:
    """A `Model` behind HTTP. Open it in a running loop, and close it in the same."""

    def __init__(
        self,
        settings: ModelSettings,
        watch: ModelWatch | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self._watch = watch
        self._name = settings.name
        self._breaker = Breaker()
        self._warmed: dict[str, tuple[ModelPrompt, Schema]] = {}
        self._recovering: asyncio.Task[None] | None = None
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if settings.key:
            headers["Authorization"] = f"Bearer {settings.key}"
        limits = httpx.Limits(
            max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS, keepalive_expiry=_KEEP_ALIVE
        )
        self._client = httpx.AsyncClient(
            headers=headers, limits=limits, timeout=None, trust_env=False, transport=transport
        )

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open: the server failed and is not asked now."""
        return self._breaker.is_open

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        """The text of the model's answer, whatever it is. Raises ModelFault at the latest after the deadline."""
        if self._breaker.is_open:
            self._report("open", 0.0)
            raise ModelFault("open", f"{self.settings.url} failed before and is not asked now")
        began = time.monotonic()
        outcome: str = "cancelled"
        try:
            answer = await self._within(self.settings.deadline, self._complete(prompt, schema))
            outcome = "answered"
            if not self._breaker.is_open:  # else the recovery decides
                self._breaker.succeeded()
            return answer
        except ModelFault as fault:
            outcome = fault.kind
            if not self._breaker.is_open and self._breaker.failed():
                self._give_up(fault)
            raise
        finally:
            self._report(outcome, time.monotonic() - began)

    async def warm(self, prompt: ModelPrompt, schema: Schema) -> None:
        """Lets the server learn a flow's schema and prefix, now and whenever it comes back. Never raises: a server that
        is not there yet is asked again until it is."""
        self._warmed[prompt.system] = prompt, schema
        try:
            await self._within(WARM_WITHIN, self._complete(prompt, schema))
        except ModelFault as fault:
            if self._breaker.trip():
                self._give_up(fault)

    def forget(self, prompt: ModelPrompt) -> None:
        """This prefix is not used any more."""
        self._warmed.pop(prompt.system, None)

    async def served(self) -> tuple[str, ...]:
        """The names of the models that the server offers. Raises ModelFault."""
        return await self._within(WARM_WITHIN, self._names())

    async def _names(self) -> tuple[str, ...]:
        data = _json(await self._fetch("GET", "/models", None))
        rows = data.get("data") if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise ModelFault("not_json", f"{self.settings.url}/models is no list of models")
        return tuple(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)

    async def close(self) -> None:
        """Ends its connections and its attempts to reach the server again."""
        if self._recovering is not None:
            self._recovering.cancel()
            await asyncio.gather(self._recovering, return_exceptions=True)
        await self._client.aclose()

    def _report(self, outcome: str, seconds: float) -> None:
        if self._watch is not None:
            self._watch.asked(outcome, seconds)

    def _give_up(self, fault: ModelFault) -> None:
        log.warning("calls go on without the model: %s", fault)
        if self._watch is not None:
            self._watch.breaker(True)
        self._recovering = asyncio.create_task(self._recover())

    async def _recover(self) -> None:
        """Probes until the server answers, at nobody's cost; it has forgotten its caches if it was started again, so
        what was warm is warmed before any caller's words go there."""
        while self._breaker.is_open:
            await asyncio.sleep(self._breaker.pause)
            self._name = self.settings.name  # it may serve another one now
            try:
                if not self._warmed:
                    await self.served()
                for prompt, schema in tuple(self._warmed.values()):
                    await self._within(WARM_WITHIN, self._complete(prompt, schema))
            except ModelFault:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
        log.warning("the model at %s answers again", self.settings.url)
        if self._watch is not None:
            self._watch.breaker(False)

    async def _within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as fault:
            raise ModelFault("timeout", f"{self.settings.url} did not answer within {seconds:g} s") from fault

    async def _complete(self, prompt: ModelPrompt, schema: Schema) -> str:
        if not self._name:
            names = await self._names()
            if not names:
                raise ModelFault("status", f"{self.settings.url} serves no model")
            self._name = names[0]
        request = {
            "model": self._name,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "acts", "strict": True, "schema": schema},
            },
            "temperature": 0,
            "seed": 1,
            "max_tokens": self.settings.max_tokens,
        }
        return _content(_json(await self._fetch("POST", "/chat/completions", request)), self.settings.url)

    async def _fetch(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        url = self.settings.url.rstrip("/") + path
        try:
            async with self._client.stream(method, url, json=body) as response:
                return await _read(response)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
            raise ModelFault("dropped", f"{url}: {fault or type(fault).__name__}") from fault


async def _read(response: httpx.Response) -> bytes:
    """The body, piece by piece, so that no server can fill our memory."""
    if response.status_code != 200:
        start = (await _limited(response, 500)).decode(errors="replace")
        raise ModelFault("status", f"{response.url} answered {response.status_code}: {start}".rstrip(": "))
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ModelFault("not_json", f"{response.url} answered in a coding that was not asked for")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ModelFault("not_json", f"{response.url} answered with {kind or 'no content type'}, not JSON")
    body = await _limited(response, LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        raise ModelFault("too_long", f"{response.url} answered with more than {LONGEST_BODY} bytes")
    return body


async def _limited(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw(4096):
        body += piece
        if len(body) >= most:
            break
    return bytes(body[:most])


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise ModelFault("not_json", "the model server's answer is no JSON") from fault


def _content(data: Any, url: str) -> str:
    """The text of the first choice of a chat completion."""
    try:
        text = data["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as fault:
        raise ModelFault("not_json", f"{url} answered with no chat completion") from fault
    if not isinstance(text, str):
        raise ModelFault("not_json", f"{url} answered with no text")
    return text


def open_model(settings: ModelSettings, watch: ModelWatch | None = None) -> ModelServer:
    """The model of these settings. To be called in the loop that will use it."""
    return ModelServer(settings, watch)


_KINDS: Final[tuple[FaultKind, ...]] = ("timeout", "dropped", "status", "too_long", "not_json", "open")
OUTCOMES: Final = ("answered", "cancelled", *_KINDS)
"""Every outcome that `ModelWatch.asked` is told."""
