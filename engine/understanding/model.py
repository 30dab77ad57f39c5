"""What a language model is to the understanding: somebody who is asked once, late, and never believed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from engine.errors import PeerError, SettingsError

Schema: TypeAlias = Mapping[str, Any]
"""A JSON schema that the answer keeps to."""
FaultKind: TypeAlias = Literal["timeout", "dropped", "status", "too_long", "not_json", "open"]


@dataclass(frozen=True, slots=True)
class ModelPrompt:
    """`system` is the same, byte for byte, at every turn of a flow, so that the server's prefix cache holds; `user`
    says what is asked and what the caller said."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where a model is served, and how long it may take. Times in seconds."""

    url: str
    """The server's base, such as http://127.0.0.1:8000/v1."""
    name: str = ""
    """What the server calls the model; empty takes the first that it serves."""
    key: str = ""
    deadline: float = 1.2
    """How long a caller waits at most for the model's word."""
    max_tokens: int = 160


def base_of(url: str) -> str:
    """The base of a server's API from what an admin wrote; `/v1` is added where the address has no path. Raises
    SettingsError when it is no address of a server."""
    try:
        parts = urlsplit(url.strip())
        more = parts.query or parts.fragment or "@" in parts.netloc
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or bool(more)
        _ = parts.port
    except ValueError:
        wrong = True
    if wrong:
        raise SettingsError(f"{url!r} is no address of a model server; write it like http://127.0.0.1:8000/v1")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") or "/v1", "", ""))


class Model(Protocol):
    """Answers a prompt with text that should keep to the schema, and may be anything. Raises ModelFault within its own
    deadline; may be cancelled at any moment."""

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str: ...


class ModelFault(PeerError):
    """A model gave no answer. `kind`: timeout; dropped (no connection, or it broke); status (the server refused);
    too_long; not_json (no answer of a chat server); open (not asked, because it failed before)."""

    def __init__(self, kind: FaultKind, text: str) -> None:
        super().__init__(text)
        self.kind: FaultKind = kind


class ModelWatch(Protocol):
    """Sees what becomes of questions to a model; must return at once."""

    def asked(self, outcome: str, seconds: float) -> None:
        """A question ended: `answered`, `cancelled`, or the kind of a ModelFault."""

    def dropped(self, why: str) -> None:
        """Something in an answer was not taken; `why` is a short fixed word."""

    def breaker(self, is_open: bool) -> None:
        """From now on the model is asked again, or no longer."""


def key_of(prompt: ModelPrompt, schema: Schema) -> str:
    """Names a question for recordings: the same prompt and schema, and nothing else, give the same key."""
    text = json.dumps([prompt.system, prompt.user, schema], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
