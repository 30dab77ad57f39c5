"""What the Asterisk door needs to know; read once, where the process starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """Times in seconds. Neither protocol has a password: bind to loopback or to a network of your own, and set
    `secret` so that only the dialplan that `frontdesk dialplan` prints can open a call."""

    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    audio_host: str = "127.0.0.1"
    audio_port: int = 9092
    audio_address: str | None = None
    """`host:port` under which Asterisk reaches the AudioSocket server, where `audio_host:audio_port` is not it."""
    secret: str = ""
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1")
    """Addresses and networks from which Asterisk connects; all others are closed at once."""
    calls: int = 200
    """Calls at a time; one more goes straight to the safety net of the dialplan."""
    people_context: str = "from-internal"
    """The dialplan context in which a plain number of a transfer is dialled."""
    hold: str = "ringing"
    """What a caller hears while a person's telephone rings: `ringing`, `ringing/COUNTRY` (its tone), `music` or
    `music/CLASS`."""
    answer_within: float = 10.0
    """How long Asterisk may take to answer one short command."""
    sound_within: float = 5.0
    """How long the sound of a call may take to arrive once we asked for it."""
    scripts: Mapping[str, Path] = field(default_factory=dict)
    """AGI scripts by name: `agi://host:port/script/NAME` runs one, and a flow's tool may."""
    longest_call: float = 4 * 3600.0
