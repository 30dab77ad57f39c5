"""The machine: disk, permissions, graphics card."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from engine.doctor.registry import Row, look
from engine.exposure import exposed
from engine.settings import Settings

LEAST_FREE = 2e9
"""Bytes: recordings of some 300 hours of calls."""
TOO_LITTLE_FREE = 2e8


@look("machine")
def machine(settings: Settings) -> Iterator[Row]:
    yield from _permissions(settings.path)
    yield _recordings(settings.recordings)
    yield _disk(settings.recordings)
    yield _gpu()


def _permissions(path: Path | None) -> Iterator[Row]:
    if path is None:
        yield Row("settings", "off", "no frontdesk.yaml here: everything is as it comes", "Give one with --config.")
        return
    if (found := exposed(path)) is not None:
        yield Row("settings", "error", *found)
    else:
        yield Row("settings", "ok", f"{path} ({stat.filemode(path.stat().st_mode)})")


def _recordings(folder: Path) -> Row:
    near = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not os.access(near, os.W_OK):
        return Row("recordings", "error", f"{folder}: {near} may not be written", "Set `recordings.folder`.")
    if folder.exists() and folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Row("recordings", "warning", f"{folder} is open to others", f"Run `chmod 700 {folder}`.")
    return Row("recordings", "ok", f"{folder} may be written")


def _disk(folder: Path) -> Row:
    near = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(near).free
    text = f"{free / 1e9:.1f} GB free at {near}"
    if free < TOO_LITTLE_FREE:
        return Row("disk", "error", text, "Make room: recordings and bookings need it.")
    if free < LEAST_FREE:
        return Row("disk", "warning", text, "Make room, or keep recordings for fewer days (`recordings.keep`).")
    return Row("disk", "ok", text)


def _gpu() -> Row:
    program = shutil.which("nvidia-smi")
    if program is None:
        return Row("graphics card", "off", "none is visible; only large models need one, and they may run elsewhere")
    query = [program, "--query-gpu=name,memory.total,memory.used,driver_version", "--format=csv,noheader,nounits"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as fault:
        return Row("graphics card", "warning", f"nvidia-smi fails: {fault}", "Look at the driver: run `nvidia-smi`.")
    cards = [[cell.strip() for cell in line.split(",")] for line in asked.stdout.splitlines() if line.strip()]
    shown = (f"{cell[0]}, {cell[2]} of {cell[1]} MiB in use, driver {cell[3]}" for cell in cards if len(cell) == 4)
    return Row("graphics card", "ok", "; ".join(shown) or "nvidia-smi knows of none")
