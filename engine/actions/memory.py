"""What the desk remembers of a call that goes on: whose bookings it may touch, and how often it guessed wrong."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

WRONG_GUESSES: Final = 5
"""After so many lookups that proved nothing, a call learns nothing more about any booking."""

_CALLS: Final = 4096


@dataclass(slots=True)
class _Call:
    wrong: int = 0
    proven: set[str] = field(default_factory=set)


class CallMemory:
    """Safe to use from several threads; the calls that were quiet longest are forgotten first."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self._lock = threading.Lock()

    def guessed_wrong(self, call_id: str) -> None:
        """A lookup of this call proved nothing."""
        with self._lock:
            self._call(call_id).wrong += 1

    def may_guess(self, call_id: str) -> bool:
        """Whether this call may try another lookup."""
        with self._lock:
            return self._call(call_id).wrong < WRONG_GUESSES

    def prove(self, call_id: str, reference: str) -> None:
        """The caller showed that the booking with this reference is theirs, or has just made it."""
        with self._lock:
            self._call(call_id).proven.add(reference)

    def proven(self, call_id: str, reference: str) -> bool:
        """Whether the caller has shown that the booking with this reference is theirs."""
        with self._lock:
            return reference in self._call(call_id).proven

    def _call(self, call_id: str) -> _Call:
        call = self._calls.setdefault(call_id, _Call())
        self._calls.move_to_end(call_id)
        if len(self._calls) > _CALLS:
            self._calls.popitem(last=False)
        return call
