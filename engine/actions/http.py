"""One signed POST of JSON with a deadline over all of it and a bound on the answer; blocks, for threads."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx

from engine.actions.outside import Webhook
from engine.actions.signing import signed

LARGEST: Final = 65_536
"""Bytes of an answer; more is no answer of ours."""
_RETRY_AFTER: Final = (408, 425, 429, 500, 502, 503, 504)
"""Statuses after which the same request may succeed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one request.

    - `done`: status 2xx; `body` is its JSON, None where it holds none that we can read
    - `refused`: the other side took the request and did nothing (4xx)
    - `unsent`: no connection: it surely did not get it
    - `broken`: it may or may not have done it (5xx, a redirect, a time-out, a connection that broke)
    """

    kind: Literal["done", "refused", "unsent", "broken"]
    body: Any = None
    text: str = ""
    """What happened, for the log; holds nothing that the caller said."""


class Poster:
    """Keeps connections to the addresses that it posts to."""

    def __init__(self) -> None:
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0),
            headers={"user-agent": "frontdesk", "content-type": "application/json", "accept": "application/json"},
        )

    def close(self) -> None:
        """Closes all connections."""
        self._client.close()

    def post(
        self, hook: Webhook, url: str, message_id: str, content: Mapping[str, Any], seconds: float, key: str = ""
    ) -> Reply:
        """Sends it once. `message_id` is the same for the same message sent again; `key` the idempotency key."""
        until = time.monotonic() + seconds
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        headers = signed(hook.secret, message_id, int(time.time()), body)
        if key:
            headers["idempotency-key"] = key
        try:
            with self._client.stream("POST", url, content=body, headers=headers, timeout=seconds) as response:
                return _read(response, until)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            return Reply("unsent", text=f"{hook.name} cannot be reached: {_why(fault)}")
        except httpx.HTTPError as fault:
            return Reply("broken", text=f"{hook.name} gave no whole answer: {_why(fault)}")


def _read(response: httpx.Response, until: float) -> Reply:
    status = response.status_code
    if not response.is_success:
        kind: Literal["refused", "broken"] = "broken"
        if response.is_client_error and status not in _RETRY_AFTER:
            kind = "refused"
        return Reply(kind, text=f"it answered with status {status}")
    content = b""
    for part in response.iter_bytes():
        content += part
        if len(content) > LARGEST:
            return Reply("done", text=f"its answer is longer than {LARGEST} bytes")
        if time.monotonic() > until:
            return Reply("broken", text="its answer did not end in time")
    try:
        return Reply("done", json.loads(content)) if content else Reply("done", text="its answer is empty")
    except (ValueError, RecursionError):
        return Reply("done", text="its answer is no JSON")


def _why(fault: Exception) -> str:
    return f"{type(fault).__name__} {fault}".strip()[:200]
