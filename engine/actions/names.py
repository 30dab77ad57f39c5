"""What tools can do, take and answer, as plain names: what `check` holds a flow against without a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TAKES: Final[Mapping[str, tuple[str, ...]]] = {
    "day": ("date",),
    "time": ("time",),
    "party_size": ("party_size", "number"),
    "service": ("choice", "text"),
    "practitioner": ("choice", "text"),
    "name": ("person_name",),
    "phone": ("phone",),
    "date_of_birth": ("date_of_birth", "date"),
    "reference": ("digits", "text"),
    "note": ("text", "choice"),
}
"""Every argument that booking tools use, and the slot types that may fill it."""

NOTIFIES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "notify.email": {"to": ("email",)},
    "notify.sms": {"to": ("phone",)},
}
"""Actions that write to somebody: `to` is who, all other arguments may stand in the text."""

ANY: Final = "*"
"""Stands for whatever values a flow declares."""

OPEN: Final = ("webhook.", "script.")
"""How actions begin whose rest is a name of the settings; they take and answer what the flow declares."""

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "booking.find": ("day", "time"),
    "booking.book": ("day", "time"),
    "booking.move": ("reference",),
    "booking.change": ("reference",),
    "booking.cancel": ("reference",),
    "notify.email": ("to",),
    "notify.sms": ("to",),
}
"""Arguments without which an action fails; a search with a `reference` may leave out what is booked."""

CHANGES: Final = ("day", "time", "party_size", "service", "practitioner", "note")
"""Arguments of which `booking.move` needs one at least."""

KEEPS: Final = ("booking.book", "booking.move", "booking.change")
"""Actions that keep whatever else they are given with the booking."""

_NEAR: Final = ("other_times", "other_days")
_BOOKED: Final = (
    "reference", "booked_day", "booked_time", "booked_size", "booked_name", "booked_phone", "booked_service",
    "booked_practitioner", "booked_with", "booked_note",
)  # fmt: skip
_NOBODY: Final[Mapping[str, tuple[str, ...]]] = {"gone": (), "none": (), "not_found": ()}
_MOVED: Final[Mapping[str, tuple[str, ...]]] = {"moved": _BOOKED, "changed": _BOOKED, "taken": (), **_NOBODY}

ANSWERS: Final[dict[str, Mapping[str, tuple[str, ...]]]] = {
    "booking.find": {
        **_NOBODY,
        "free": ("free_practitioner",),
        "full": _NEAR,
        "other_day": _NEAR,
        "none": _NEAR,
    },
    "booking.book": {"booked": _BOOKED, "already": _BOOKED, "taken": (), "none": ()},
    "booking.lookup": {
        "found": _BOOKED,
        "several": ("booked_days", "count"),
        "none": (),
        "not_found": (),
        "denied": (),
    },
    "booking.move": _MOVED,
    "booking.change": _MOVED,
    "booking.cancel": {"cancelled": ("reference",), **_NOBODY},
    "call.about": {"given": (ANY,), "none": ()},
    "notify.email": {"queued": ()},
    "notify.sms": {"queued": ()},
}
"""What each action can answer besides `failed` and `unknown`, and the values that each answer brings. A tool may
declare any part of it."""


def is_action(does: str) -> bool:
    """Whether a tool can do this; whether an open action has its name in the settings is seen where they are read."""
    return does in ANSWERS or does.startswith(OPEN)


def takes_of(does: str) -> Mapping[str, tuple[str, ...]]:
    """The arguments that an action works with, and the slot types that may fill them."""
    return NOTIFIES.get(does, {} if does.startswith(OPEN) else TAKES)


def takes_anything(does: str) -> bool:
    """Whether an action has a use for arguments of any name."""
    return does in KEEPS or does in NOTIFIES or does.startswith(OPEN)
