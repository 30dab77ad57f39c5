"""Refuses to serve settings with which strangers could open calls or read who calls."""

from __future__ import annotations

from agi.gate import is_loopback, networks
from engine.errors import SettingsError
from engine.exposure import exposed
from engine.settings import Asterisk, Settings


def check_safety(settings: Settings) -> None:
    """Raises SettingsError, and says what to write, where a port is open to more than this machine and nothing keeps
    watch over it."""
    check_permissions(settings)
    ours = settings.asterisk
    networks(ours.allow)
    open_ports = [key for key, address in _ports(ours) if not is_loopback(address)]
    if not open_ports:
        return
    which = " and ".join(open_ports)
    if not ours.secret:
        raise SettingsError(
            f"{which} can be reached from other machines, and there is no secret: whoever reaches the port could open "
            "calls. Write `secret_file: agi.secret` under `asterisk`, put a long random line into that file, run "
            "`chmod 600 agi.secret`, and install what `frontdesk dialplan` prints then"
        )
    if all(network.is_loopback for network in networks(ours.allow)):
        raise SettingsError(
            f"{which} can be reached from other machines, but `asterisk.allow` lists only this one: write the address "
            "of your Asterisk there, such as `allow: [10.0.0.5]`"
        )


def check_permissions(settings: Settings) -> None:
    """Raises SettingsError where others on this machine can read a secret in the settings file, or write it."""
    found = exposed(settings.path) if settings.path is not None else None
    if found is not None:
        raise SettingsError(": ".join(found))


def _ports(asterisk: Asterisk) -> tuple[tuple[str, str], ...]:
    return ("asterisk.agi", asterisk.agi.host), ("asterisk.audiosocket", asterisk.audiosocket.host)
