"""How a database can fail, told apart by what is then known about the change."""

from __future__ import annotations

from engine.errors import FrontdeskError


class StoreError(FrontdeskError):
    """The database cannot be used; the change surely did not happen."""


class StoreBusy(StoreError):
    """Others held the write lock until the deadline."""


class Refused(StoreError):
    """The database works, but does not take this change: trying again would not help."""


class Abandoned(StoreError):
    """The change was given up before it was committed."""


class Unsure(FrontdeskError):
    """The commit itself failed: whether the change is there must be looked up."""
