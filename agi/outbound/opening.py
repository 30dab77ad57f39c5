"""What calls of ours need, opened from the settings: the flow, checked, the database, the desk and the dialler."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from agi.answering import ari_settings, asterisk_settings, desk_settings
from agi.destination import checked_dial_string
from agi.outbound.dialler import Dialler, Wish
from agi.outbound.plan import NUMBER, plain
from engine.actions.store import Store, open_store
from engine.call.desk import Desk
from engine.check.report import check_reading
from engine.errors import AuthorError, SettingsError
from engine.flow.loader import read_path
from engine.flow.model import Flow
from engine.settings import Settings

_WRITTEN: Final = re.compile(r"[0-9+() ./-]+")
"""How people write numbers; letters and commas are none."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """`flow` speaks; the desk knows it by its name."""

    settings: Settings
    flow: Flow
    store: Store
    desk: Desk
    dialler: Dialler

    def wish(self, number: str, about: Mapping[str, Any], ring: float, caller_id: str | None, says: str | None) -> Wish:
        """A call to a number, dialled as the settings say."""
        ours = self.settings.asterisk
        return Wish(number, target_of(self.settings, number), about, ring, caller_id or ours.caller_id, says)


def sound_flow(file: Path) -> Flow:
    """The flow in a file. Raises AuthorError with all findings where it has errors: it never speaks to anybody."""
    report = check_reading(reading := read_path(file), time.perf_counter)
    if not report.sound or reading.flow is None:
        raise AuthorError(tuple(found for found in report.findings if found.severity == "error"))
    return reading.flow


def target_of(settings: Settings, number: str) -> str:
    """The dial string of a number; SettingsError for one that is none."""
    if not settings.asterisk.dial:
        raise SettingsError("nothing says how numbers are dialled: write `asterisk: {dial: PJSIP/{number}@trunk}`")
    dialled = plain(number)
    if not NUMBER.fullmatch(dialled) or not _WRITTEN.fullmatch(number):
        raise SettingsError(f"{number!r} is no telephone number; write it like +441632960123")
    return checked_dial_string(settings.asterisk.dial.replace("{number}", dialled))


def never_called(settings: Settings) -> frozenset[str]:
    """The numbers of the settings' file that are never called; SettingsError where it cannot be read, for then nobody
    may be called."""
    if settings.do_not_call is None:
        return frozenset()
    try:
        lines = settings.do_not_call.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"calls.do_not_call: {settings.do_not_call} cannot be read: {fault}") from fault
    return frozenset(number for line in lines if (number := plain(line.partition("#")[0])))


@contextlib.asynccontextmanager
async def outbound(settings: Settings, flow: Flow) -> AsyncIterator[Outbound]:
    """Opens everything and closes it; SettingsError or PeerError where something is not there."""
    ari = ari_settings(settings)
    if ari is None:
        raise SettingsError(
            "calls are made over ARI: write `asterisk: {ari: {url: http://127.0.0.1:8088, password_file: FILE}}`"
        )
    with open_store(settings.database, settings.recordings) as store:
        desk = Desk(desk_settings(settings), {flow.name: flow}, store, lambda: datetime.now().astimezone())
        try:
            await desk.warm()
            async with Dialler(ari, asterisk_settings(settings)) as dialler:
                yield Outbound(settings, flow, store, desk, dialler)
        finally:
            await desk.close()
