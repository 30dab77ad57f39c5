"""The machine: disk, permissions, graphics card."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from engine.doctor.registry import Row, look
from engine.settings import Settings
from engine.yaml.nodes import data
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml

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
    mode = path.stat().st_mode
    if mode & stat.S_IWOTH:
        yield Row("settings", "error", f"{path} may be changed by everybody", f"Run `chmod o-w {path}`.")
    elif mode & (stat.S_IRGRP | stat.S_IROTH) and (kept := _secrets_in(path)):
        advice = f"Run `chmod 600 {path}`, or move it to a file of its own ({kept[0]}_file)."
        yield Row("settings", "error", f"{path} holds {' and '.join(kept)}, and others may read it", advice)
    else:
        yield Row("settings", "ok", f"{path} ({stat.filemode(mode)})")


def _secrets_in(path: Path) -> list[str]:
    root = read_yaml(path.read_text(encoding="utf-8"), str(path), Report())
    tree = data(root) if root is not None else {}
    places = (("asterisk", "secret"), ("model", "key"))
    return [key for section, key in places if isinstance(tree.get(section), dict) and tree[section].get(key)]


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
