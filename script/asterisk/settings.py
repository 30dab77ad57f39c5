"""What `script/asterisk` reads from the environment: directories, ports, where packages come from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "tests" / "agi" / "etc"
LONGEST_RUN_PATH = 85
"""Asterisk's control socket lies in the run directory, and the path of a unix socket is short."""


class Failed(Exception):
    """The work could not be done; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`root` holds Debian's unpacked packages and is reused; `run` holds one running Asterisk."""

    root: Path
    run: Path
    suite: str
    mirror: str | None
    sip_port: int
    human_port: int
    rtp_start: int
    rtp_end: int
    http_port: int

    def words(self) -> dict[str, str]:
        """What the templates in tests/agi/etc may name between @ signs, apart from places."""
        return {
            "SIP_PORT": str(self.sip_port),
            "HUMAN_PORT": str(self.human_port),
            "RTP_START": str(self.rtp_start),
            "RTP_END": str(self.rtp_end),
            "HTTP_PORT": str(self.http_port),
        }


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Defaults, overridden by ASTERISK_... variables; raises Failed for a port that is none."""

    def port(name: str, default: int) -> int:
        text = environment.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
            raise Failed(f"{name}={text!r} is not a port")
        return int(text)

    cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    run = Path(tempfile.gettempdir()) / f"frontdesk-asterisk-{os.getuid()}"
    settings = Settings(
        root=Path(environment.get("ASTERISK_ROOT") or cache / "frontdesk" / "asterisk").absolute(),
        run=Path(environment.get("ASTERISK_RUN") or run).absolute(),
        suite=environment.get("ASTERISK_SUITE", "forky"),
        mirror=environment.get("ASTERISK_MIRROR"),
        sip_port=port("ASTERISK_SIP_PORT", 5070),
        human_port=port("ASTERISK_HUMAN_PORT", 5080),
        rtp_start=port("ASTERISK_RTP_START", 20000),
        rtp_end=port("ASTERISK_RTP_END", 20999),
        http_port=port("ASTERISK_HTTP_PORT", 8088),
    )
    if len(str(settings.run)) > LONGEST_RUN_PATH:
        raise Failed(f"ASTERISK_RUN is too long for a unix socket ({LONGEST_RUN_PATH} characters): {settings.run}")
    return settings
