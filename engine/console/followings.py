"""The calls that go on, each followed from where it was last looked at, so that a look costs what came since."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.actions.archive import CallRow
from engine.actions.history import Search
from engine.actions.store import Store
from engine.console.following import Following
from engine.console.lines import FlowOf
from engine.dialogue.machine import Compiled, compile_flow
from engine.errors import FrontdeskError
from engine.events import CallStarted
from engine.watch.account import Line
from engine.watch.encoding import decode

KEPT: Final = 300
LONGEST: Final = timedelta(hours=6)
QUIET: Final = timedelta(minutes=45)
"""A call without an end of which nothing was heard for so long has lost its process."""


@dataclass(frozen=True, slots=True)
class Live:
    """A call with what it has come to. `following` grows; take from it what is shown at once."""

    row: CallRow
    following: Following

    @property
    def last(self) -> Line | None:
        """What was said last, by whomever."""
        said = (line for line in reversed(self.following.lines) if line.who in ("agent", "caller", "keys"))
        return next(said, None)


class Followings:
    """Safe to use from several threads; everything blocks."""

    def __init__(self, store: Store, flow_of: FlowOf) -> None:
        self._store = store
        self._flow_of = flow_of
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Following] = OrderedDict()
        self._compiled: OrderedDict[tuple[str, str, str | None], Compiled | None] = OrderedDict()

    def live(self, now: datetime) -> list[Live]:
        """The calls that go on, newest first."""
        going = self._store.archive.search(Search(going=True, since=now - LONGEST), 200)
        found = [Live(row, self._follow(row)) for row in going]
        return [one for one in found if now - (one.following.last_at or one.row.started) < QUIET]

    def call(self, call_id: str) -> Live | None:
        """A call of whatever age; None where there is none of this name."""
        row = self._store.archive.call(call_id)
        return Live(row, self._follow(row)) if row else None

    def compiled(self, row: CallRow) -> Compiled | None:
        """The flow that answers a call, as it was then; None where it is not kept or can no longer be run."""
        with self._lock:
            return self._version(row, self._variant(row))

    def _follow(self, row: CallRow) -> Following:
        with self._lock:
            following = self._known.get(row.id)
            if following is None:
                following = Following(row.id, row.language, self._version(row, self._variant(row)))
                self._known[row.id] = following
            self._known.move_to_end(row.id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            following.take(self._store.archive.entries(row.id, after=following.seq))
            return following

    def _variant(self, row: CallRow) -> str | None:
        """The variant of the flow that the call has drawn: its log begins with it."""
        first = next((entry for entry in self._store.archive.entries(row.id) if entry.kind == "event"), None)
        began = decode(first.body) if first else None
        return began.variant if isinstance(began, CallStarted) else None

    def _version(self, row: CallRow, variant: str | None) -> Compiled | None:
        key = (row.version, row.language, variant)
        if key not in self._compiled:
            self._compiled[key] = self._compile(row, variant)
            while len(self._compiled) > KEPT // 10:
                self._compiled.popitem(last=False)
        return self._compiled[key]

    def _compile(self, row: CallRow, variant: str | None) -> Compiled | None:
        kept = self._store.archive.flow(row.version)
        if kept is None:
            return None
        try:
            return compile_flow(self._flow_of(kept, row.language, variant))
        except FrontdeskError:
            return None
