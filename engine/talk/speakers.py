"""Who speaks in a line of a transcript from another system, and when: `[00:04] Caller: words`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias

Side: TypeAlias = Literal["caller", "agent"]

CALLERS: Final = ("caller", "user", "customer", "human", "client", "guest", "patient", "visitor")
AGENTS: Final = ("agent", "bot", "assistant", "operator", "receptionist", "ai", "ivr", "virtual agent", "voicebot")
SILENT: Final = ("system", "tool", "function", "developer")
"""Roles whose turns nobody hears."""

_CLOCK: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?(?:\s?[AaPp][Mm])?"
_STAMP: Final = (
    rf"(?:\[[^\]]{{0,40}}\]|\({_CLOCK}\)|(?:\d{{4}}-\d{{2}}-\d{{2}}[T ])?{_CLOCK}(?:Z|[+-]\d{{2}}:?\d{{2}})?)"
)
_TURN: Final = re.compile(
    rf"\s*(?:{_STAMP}\s*[-–|]?\s*)?(?P<name>[^\W\d_][^:\[\]()\"=#~]{{0,30}}?)\s*(?:[\[(]{_CLOCK}[\])])?\s*:"
)


@dataclass(frozen=True, slots=True)
class Speakers:
    """Names of the two sides beside those that every transcript may use; case does not matter."""

    callers: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()

    def side(self, name: str) -> Side | None:
        """Which side a name stands for; None for a stranger."""
        plain = " ".join(name.casefold().replace("_", " ").split())
        if plain in {one.casefold() for one in self.callers}:
            return "caller"
        if plain in {one.casefold() for one in self.agents}:
            return "agent"
        return "caller" if plain in CALLERS else "agent" if plain in AGENTS else None

    def turn(self, line: str) -> tuple[Side, str, int] | None:
        """The side, the name and where the words begin, if a line is a turn of a transcript. `caller:` and `agent:` in
        small letters are lines of a talk file."""
        found = _TURN.match(line)
        name = found.group("name") if found else ""
        side = self.side(name)
        if found is None or side is None or (name in ("caller", "agent") and not line[: found.start("name")].strip()):
            return None
        return side, name, found.end()

    def advice(self, name: str) -> str:
        """What to do about a stranger."""
        near = get_close_matches(name.casefold(), (*CALLERS, *AGENTS, *self.callers, *self.agents), n=1, cutoff=0.75)
        if near:
            return f"Did you mean `{near[0]}`?"
        return f'Say who it is: `frontdesk convert --caller "{name}"` or `--agent "{name}"`.'


USUAL: Final = Speakers()


def stranger(line: str) -> str | None:
    """The name before a colon, if a line looks like a turn of somebody."""
    found = _TURN.match(line)
    return found.group("name") if found else None
