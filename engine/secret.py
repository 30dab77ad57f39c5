"""Secrets of the settings, which stand in the settings themselves or, better, in a file of their own."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import SettingsError


def read_secret(section: Mapping[str, Any], key: str, base: Path, where: str) -> str:
    """The secret itself, or the first line of the file that holds it; that file must be its owner's alone."""
    in_file = f"{key}_file"
    if in_file not in section:
        return str(section.get(key, ""))
    path = base / str(section[in_file])
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(f"{path} can be read by others: run `chmod 600 {path}`")
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError) as fault:
        raise SettingsError(f"{where}.{in_file}: {path} cannot be read: {fault}") from fault
