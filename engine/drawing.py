"""Pictures of flows as files: SVG and PNG by Graphviz's `dot` program, DOT and Mermaid as text."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.check.drawing import dot, mermaid
from engine.check.graph import Marks, Picture, picture
from engine.dialogue.machine import Compiled
from engine.errors import SettingsError

TEXTS: Final = {".mmd": mermaid, ".dot": dot}
IMAGES: Final = (".svg", ".png")
PATIENCE: Final = 60.0
"""Seconds that `dot` may take."""


def draw(
    compiled: Compiled, path: str | Path, visited: Iterable[str] = frozenset(), marks: Marks | None = None
) -> Path:
    """Draws the flow into `path`, by its ending, with `marks` or those of `visited` positions (see
    `check.graph.picture`).

    Raises SettingsError for another ending, where Graphviz is missing, and where the file cannot be written.
    """
    file = Path(path)
    shown = picture(compiled, visited, marks)
    kind = file.suffix.lower()
    if kind not in TEXTS and kind not in IMAGES:
        raise SettingsError(f"{file.name} should end in .svg, .png, .mmd or .dot")
    data = TEXTS[kind](shown).encode() if kind in TEXTS else _rendered(dot(shown), kind[1:])
    try:
        file.write_bytes(data)
    except OSError as error:
        raise SettingsError(f"cannot write {file}: {error.strerror}") from error
    return file


def svg(shown: Picture) -> str | None:
    """The picture as an SVG element for a page; None where Graphviz is missing."""
    if shutil.which("dot") is None:
        return None
    text = _rendered(dot(shown), "svg").decode("utf-8")
    return text[text.index("<svg") :]


def _rendered(source: str, kind: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise SettingsError(
            "SVG and PNG pictures need Graphviz's `dot` program (`apt install graphviz`); .mmd and .dot need nothing"
        )
    command = [program, f"-T{kind}", *(["-Gdpi=110"] if kind == "png" else [])]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=PATIENCE, check=True)
    except subprocess.TimeoutExpired as error:
        raise SettingsError(f"`dot` did not finish within {PATIENCE:.0f} seconds") from error
    except subprocess.CalledProcessError as error:
        raise SettingsError(f"`dot` failed: {error.stderr.decode(errors='replace').strip()}") from error
    return done.stdout
