"""What is found in an ARI application and belongs to nobody: a process that died, or one that was away, left it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from agi.ari_sound import is_ours
from agi.net.ari import NOT_FOUND, Ari, Refused
from agi.wire import ari as wire

log = logging.getLogger(__name__)

SETTLED_AFTER: Final = 0.5
"""Seconds after which whoever is in our application without our knowing of it entered while we were away."""
SECOND_HALF: Final = ";2"
"""How the id of a Local channel's half ends that runs in the dialplan."""


def _nobodys(_: str) -> bool:
    return False


async def give_back(ari: Ari, app: str, known: Callable[[str], bool] = _nobodys, settle: float = 0.0) -> None:
    """Callers go on in the dialplan, whose safety net rings a person; what frontdesk made is taken away. Channels and
    bridges that are `known` stay, and those that were not there `settle` seconds ago: their events may be on the way.
    PeerError where Asterisk does not say what there is."""
    left = before = await _things(ari, app)
    if settle:
        await asyncio.sleep(settle)
        left = await _things(ari, app)
    for channel in wire.channels_of(left) & wire.channels_of(before):
        if not known(channel) and not channel.endswith(SECOND_HALF):
            log.warning("channel %s was left in the application %s", channel, app)
            await ari.tell(wire.hang_up(channel) if is_ours(channel) else wire.go_on(channel))
    for bridge in wire.bridges_of(left):
        if is_ours(bridge) and not known(bridge):
            await ari.tell(wire.remove_bridge(bridge))


async def _things(ari: Ari, app: str) -> Mapping[str, Any]:
    """Nothing where there is no such application: one without a connection ends with its last channel."""
    try:
        return await ari.ask(wire.application(app))
    except Refused as fault:
        if fault.status != NOT_FOUND:
            raise
        return {}
