"""What the way in over ARI needs to know; read once, where the process starts."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast, get_args

from engine.errors import SettingsError

Media: TypeAlias = Literal["auto", "websocket", "audiosocket"]

_URL: Final = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9/._-]*)?")
_APP: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def media_of(name: str) -> Media:
    """SettingsError for a name that is none."""
    for media in get_args(Media):
        if media == name:
            return cast(Media, media)
    raise SettingsError(f"asterisk.ari.media: {name!r} is neither of {', '.join(get_args(Media))}")


@dataclass(frozen=True, slots=True)
class AriSettings:
    """`url` is where Asterisk's web server is (http.conf), such as http://127.0.0.1:8088; with https, `ca_file` holds
    the certificates that vouch for it, where the system's do not. Times in seconds."""

    url: str
    user: str = "frontdesk"
    password: str = ""
    app: str = "frontdesk"
    """The name by which the dialplan's Stasis() reaches us; each process needs one of its own."""
    media: Media = "auto"
    """How the sound comes: `auto` takes the media websocket where Asterisk has it, else AudioSocket."""
    rate: int | None = None
    """Samples a second of the sound: 8000, 16000, or None for what the caller's telephone has."""
    ca_file: Path | None = None
    calls: int = 200
    """Calls at a time; one more goes straight to the safety net of the dialplan."""
    answer_within: float = 5.0
    """How long Asterisk may take to answer one request."""
    sound_within: float = 5.0
    """How long the sound of a call may take to arrive once we asked for it."""

    def check(self) -> None:
        """SettingsError where something of it cannot be used."""
        _ = self.base, self.checked_app, self.tls()
        if self.rate not in (None, 8000, 16000):
            raise SettingsError(f"asterisk.ari.rate: {self.rate} is neither 8000 nor 16000, nor `auto`")

    @property
    def base(self) -> str:
        """The address without a slash, and without `/ari` where it was given; SettingsError for one that is none."""
        if not _URL.fullmatch(self.url):
            raise SettingsError(f"asterisk.ari.url: {self.url!r} is no address such as http://127.0.0.1:8088")
        return self.url.rstrip("/").removesuffix("/ari")

    @property
    def checked_app(self) -> str:
        """The application's name; SettingsError for one that Stasis() could not be given."""
        if not _APP.fullmatch(self.app):
            raise SettingsError(f"asterisk.ari.app: {self.app!r} is not made of letters, digits, `-` and `_`")
        return self.app

    def tls(self) -> ssl.SSLContext | None:
        """How https is checked; None for http. SettingsError where the certificates cannot be read."""
        if not self.base.startswith("https:"):
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as fault:
            raise SettingsError(f"asterisk.ari.ca_file: {self.ca_file} cannot be used: {fault}") from fault
