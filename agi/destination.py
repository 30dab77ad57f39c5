"""Where calls go: dial strings for people."""

from __future__ import annotations

import re

from engine.errors import SettingsError

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_DIAL_STRING = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9@/._+*#:-]{1,200}(&[A-Za-z0-9]+/[A-Za-z0-9@/._+*#:-]{1,200}){0,9}")
_CONTEXT = re.compile(r"[A-Za-z0-9_-]{1,79}")


def is_number(to: str) -> bool:
    """Whether a destination is dialled in the dialplan, not handed to Dial as it stands."""
    return _NUMBER.fullmatch(to) is not None


def dial_string(to: str, context: str) -> str:
    """What Dial takes: `PJSIP/reception` as it is, a number as `Local/<number>@<context>`.

    SettingsError for anything in which Asterisk could read a comma, a bracket or a variable."""
    if is_number(to):
        return f"Local/{to}@{checked_context(context)}"
    return checked_dial_string(to)


def checked_dial_string(to: str) -> str:
    """A dial string as it is; SettingsError for what Asterisk could read as more than one."""
    if not _DIAL_STRING.fullmatch(to):
        raise SettingsError(f"{to!r} is neither a number nor a dial string such as PJSIP/reception")
    return to


_HOLD = re.compile(r"ringing(?:/(?P<zone>[a-z][a-z0-9-]{1,19}))?|music(?:/(?P<music>[A-Za-z0-9_-]{1,40}))?")
TONE_ZONE = "CHANNEL(tonezone)"
"""The variable that says of which country a channel's tones are."""


def dial_options(hold: str, handover: str, whisper: str = "") -> str:
    """The options of Dial for a transfer: what the caller hears meanwhile, the subroutine that hands over what they
    said, and the one that whispers to the person, as `context^argument^argument`. SettingsError for another `hold`."""
    music = hold_music(hold)
    waiting = "r" if music is None else f"m({music})" if music else "m"
    return f"g{waiting}b({handover}^s^1)" + (f"U({whisper})" if whisper else "")


def hold_music(hold: str) -> str | None:
    """The class of the music that a caller hears while they wait, empty for the channel's own; None for the ringing
    tone. SettingsError for another `hold`."""
    found = _hold(hold)
    return None if hold.startswith("ringing") else found["music"] or ""


def tone_zone(hold: str) -> str | None:
    """The country whose ringing tone a caller hears while they wait; None for what Asterisk has anyway. SettingsError
    for another `hold`."""
    return _hold(hold)["zone"]


def _hold(hold: str) -> re.Match[str]:
    found = _HOLD.fullmatch(hold)
    if found is None:
        raise SettingsError(f"{hold!r} is none of `ringing`, `ringing/COUNTRY`, `music` and `music/CLASS`")
    return found


def checked_context(name: str) -> str:
    """A context's name as it is; SettingsError unless it is made of letters, digits, `-` and `_`."""
    if not _CONTEXT.fullmatch(name):
        raise SettingsError(f"{name!r} is not the name of a dialplan context")
    return name
