"""Calls from the log, ready to be replayed and exported: what happened, and the flow that it happened to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from engine.actions.archive import CallRow, Entry, FlowRow
from engine.effects import Effect
from engine.errors import AuthorError, SettingsError
from engine.events import CallStarted, Event
from engine.flow.model import Flow
from engine.flow.reading import read_flow
from engine.watch.encoding import TAG, decode

_MASKED: Final = "masked"


class Archive(Protocol):
    """Where calls are kept."""

    def call(self, call_id: str) -> CallRow | None: ...
    def entries(self, call_id: str) -> list[Entry]: ...
    def flow(self, version: str) -> FlowRow | None: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """An event of a call with the effects that it had, as JSON data and decoded; masked values are made-up ones."""

    at: datetime
    event: Event
    effects: tuple[Effect, ...]
    bodies: tuple[Mapping[str, Any], ...]
    masked: bool
    """Whether a value of the event is masked."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A call as it was kept; `flow` is None where its version is not, `own` is that flow's own language."""

    row: CallRow
    turns: tuple[Turn, ...]
    flow: Flow | None
    own: str

    @property
    def masked(self) -> bool:
        """Whether anything that the caller or a tool said was masked."""
        return any(turn.masked for turn in self.turns)


def kept_call(archive: Archive, call_id: str) -> Kept:
    """The call with this id. Raises SettingsError when there is none, or its words are no longer kept."""
    row = archive.call(call_id)
    if row is None:
        raise SettingsError(f"there is no call {call_id}; `frontdesk calls` lists them")
    entries = archive.entries(call_id)
    if not entries:
        raise SettingsError(f"what was said in {call_id} is no longer kept")
    version = archive.flow(row.version)
    turns = _turns(entries, ZoneInfo(row.timezone))
    flow, own = (None, row.language) if version is None else flow_of(version, row.language, variant_of(turns))
    return Kept(row, turns, flow, own)


def variant_of(turns: Sequence[Turn]) -> str | None:
    """The variant of the flow that took a call; None where it has none."""
    started = turns[0].event if turns else None
    return (started.variant or None) if isinstance(started, CallStarted) else None


def _turns(entries: list[Entry], zone: ZoneInfo) -> tuple[Turn, ...]:
    found: list[tuple[Entry, list[Entry]]] = []
    for entry in entries:
        if entry.kind == "event":
            found.append((entry, []))
        elif entry.kind == "effect" and found:
            found[-1][1].append(entry)
    return tuple(
        Turn(
            event.at.astimezone(zone),
            decode(event.body),
            tuple(decode(effect.body) for effect in effects),
            tuple(effect.body for effect in effects),
            _hides(event.body),
        )
        for event, effects in found
    )


def _hides(data: Any) -> bool:
    if isinstance(data, Mapping):
        return data.get(TAG) == _MASKED or any(_hides(one) for one in data.values())
    return isinstance(data, list) and any(_hides(one) for one in data)


class _Sources:
    """The files of a kept version, as a folder. The version's name is made of them, so that it stands for them."""

    def __init__(self, version: FlowRow) -> None:
        self._version = version
        self.file = version.file

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sources) and other._version.version == self._version.version

    def __hash__(self) -> int:
        return hash(self._version.version)

    def read(self, name: str, most: int) -> bytes | None:
        text = self._version.sources.get(name)
        return None if text is None else text.encode()[:most]

    def shown(self, name: str) -> str:
        return f"{self._version.name}@{self._version.version[:8]}/{name}"


def flow_of(version: FlowRow, language: str, variant: str | None = None) -> tuple[Flow, str]:
    """A version of a flow in a language and a variant, and its own language. Raises AuthorError when this frontdesk no
    longer accepts it."""
    return _read(_Sources(version), language, variant)


@lru_cache(maxsize=32)
def _read(sources: _Sources, language: str, variant: str | None) -> tuple[Flow, str]:
    reading = read_flow(sources, sources.file, language, variant)
    if reading.flow is None or reading.report.has_errors:
        raise AuthorError(tuple(found for found in reading.findings if found.severity == "error"))
    return reading.flow, reading.languages[0]
