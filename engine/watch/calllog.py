"""The log of one call: every event and effect as JSON, from which the call can be read and replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from engine.effects import Effect
from engine.events import Event, Heard
from engine.flow.model import Flow
from engine.watch.encoding import decode, encode
from engine.watch.masking import Masker
from engine.watch.numbers import Count, Miss, Numbers


class Entry(Protocol):
    """One thing that was kept."""

    @property
    def at(self) -> datetime: ...

    @property
    def kind(self) -> str: ...

    @property
    def body(self) -> Mapping[str, Any]: ...


class Call(Protocol):
    """One call that was kept."""

    @property
    def timezone(self) -> str: ...


class Journal(Protocol):
    """Where entries go; nothing here blocks, and what is read has been written."""

    def keep_flow(self, version: str, name: str, file: str, sources: Mapping[str, str]) -> None: ...

    def keep_call(self, call: Mapping[str, Any]) -> None: ...

    def keep_entry(self, call_id: str, seq: int, at: datetime, kind: str, body: Mapping[str, Any]) -> None: ...

    def keep_words(self, call_id: str, text: str) -> None: ...

    def keep_end(self, call_id: str, outcome: str, at: datetime, recording: str | None = None) -> None: ...

    def keep_numbers(
        self, call_id: str, flow: str, at: datetime, counts: Sequence[Count], misses: Sequence[Miss]
    ) -> None: ...

    def call(self, call_id: str) -> Call | None: ...

    def entries(self, call_id: str) -> Sequence[Entry]: ...


class Journals(Protocol):
    """A store with a journal."""

    @property
    def archive(self) -> Journal: ...


class CallLog:
    """Observes one call. Begin it with the call and end it with the call; what is sensitive is masked before it leaves
    this object. `line` is what the telephone system calls this call, `now` when it began."""

    def __init__(
        self,
        store: Journals,
        call_id: str,
        *,
        flow: Flow,
        now: datetime,
        caller: str | None = None,
        called: str | None = None,
        line: str | None = None,
    ) -> None:
        self._journal = store.archive
        self._masker = Masker(flow)
        self._numbers = Numbers(flow, now)
        self._flow = flow.name
        self._call_id = call_id
        self._seq = 0
        self._now = now
        self._journal.keep_flow(flow.hash, flow.name, PurePath(flow.path).name, flow.sources)
        self._journal.keep_call(
            {
                "id": call_id,
                "flow": flow.name,
                "version": flow.hash,
                "language": flow.language,
                "timezone": flow.timezone,
                "caller": self._masker.number(caller),
                "called": called,
                "line": line,
                "started": now,
                "variant": flow.variant or None,
            }
        )

    def event(self, event: Event, now: datetime) -> None:
        """Something happened."""
        shown = self._masker.event(event)
        self._numbers.event(shown, now)
        self._keep("event", encode(shown), now)
        if isinstance(shown, Heard):
            self._journal.keep_words(self._call_id, shown.words)

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        """The dialogue answered."""
        shown = tuple(self._masker.effect(effect) for effect in effects)
        self._numbers.effects(shown, now)
        for effect in shown:
            self._keep("effect", encode(effect), now)

    def timing(self, name: str, milliseconds: float) -> None:
        """How long a stage of the last turn took."""
        self._numbers.timing(name, milliseconds)
        self._keep("timing", {"name": name, "ms": round(milliseconds, 3)}, self._now)

    def end(self, outcome: str, now: datetime, recording: str | None = None) -> None:
        """The call is over; `recording` is the path of its sound under the store's recordings."""
        self._journal.keep_end(self._call_id, outcome, now, recording)
        counts = self._numbers.end(outcome, now)
        self._journal.keep_numbers(self._call_id, self._flow, now, counts, self._numbers.misses)

    def _keep(self, kind: str, body: Mapping[str, Any], now: datetime) -> None:
        self._seq += 1
        self._now = now
        self._journal.keep_entry(self._call_id, self._seq, now, kind, body)


def read_events(store: Journals, call_id: str) -> list[tuple[datetime, Event]]:
    """All events of a call with their moments, in the zone of its flow: what a replay feeds to the dialogue. Masked
    values are made-up ones. Empty when there is no such call, or its words were purged."""
    call = store.archive.call(call_id)
    if call is None:
        return []
    zone = ZoneInfo(call.timezone)
    entries = store.archive.entries(call_id)
    return [(entry.at.astimezone(zone), decode(entry.body)) for entry in entries if entry.kind == "event"]
