"""The places of the console, in the order of the menu, and who may go there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.console.accounts import Role

EVERYONE: Final[frozenset[Role]] = frozenset({"admin", "operator", "qa"})
STAFF: Final[frozenset[Role]] = frozenset({"admin", "operator"})
"""Those who change what callers meet: bookings, flows, voices."""
ADMINS: Final[frozenset[Role]] = frozenset({"admin"})


@dataclass(frozen=True, slots=True)
class Place:
    """`icon` is a name of the sprite; `main` places have a tab on a phone, the others are under "More"."""

    title: str
    path: str
    icon: str
    roles: frozenset[Role]
    main: bool = True


PLACES: Final = (
    Place("Today", "/today", "calendar-days", EVERYONE),
    Place("Calls", "/calls", "phone", EVERYONE),
    Place("Flows", "/flows", "workflow", EVERYONE),
    Place("Numbers", "/numbers", "chart-column", EVERYONE),
    Place("Voice", "/voice", "audio-lines", STAFF, main=False),
    Place("Privacy", "/privacy", "shield", STAFF, main=False),
    Place("People", "/people", "users", ADMINS, main=False),
)


def places_of(role: Role) -> tuple[Place, ...]:
    """Where somebody with this role may go."""
    return tuple(place for place in PLACES if role in place.roles)
