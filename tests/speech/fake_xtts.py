"""Stands where the Python with XTTS would be: answers what is installed, and speaks noise that only the text decides.

Words of a text make it misbehave: `perish` ends the process in the middle of its first sentence (once for each model
folder), `stick` lets it hang there (once), `broken` refuses. A file `refuses` beside the weights
keeps it from starting.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.speech.vendors.speaking import Samples, serve

RATE = 24000
PIECE = 2400
SPEAKING = f"""\
#!{sys.executable}
import sys
sys.path[:0] = [{str(Path(__file__).parent)!r}]
from fake_xtts import main
main(VERSIONS)
"""


def interpreter(folder: Path, **versions: str | None) -> Path:
    """Writes a program that can be named as `speech.xtts.python`; `versions` differ from what is well."""
    installed = {"frontdesk": version("frontdesk"), "coqui-tts": "0.28.0", "torch": "2.13.0"}
    known = installed | {name.replace("_", "-"): number for name, number in versions.items()}
    program = folder / "python"
    program.write_text(SPEAKING.replace("VERSIONS", repr(known)))
    program.chmod(0o755)
    return program


def weights(folder: Path) -> Path:
    """A folder that looks like the model's."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.pth", "vocab.json"):
        (folder / name).write_text("{}")
    return folder


class Engine:
    """Writes every request to `requests` and its process to `processes`, beside the weights."""

    rate = RATE

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with (folder / "processes").open("a") as file:
            file.write(f"{os.getpid()}\n")
        if (folder / "refuses").exists():
            raise OSError("the weights are damaged")

    def prepare(self, request: Mapping[str, Any]) -> None:
        print("a library prints something")  # must not be taken for a message of ours
        with (self._folder / "requests").open("a") as file:
            file.write(json.dumps(request) + "\n")

    def speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        if "broken" in text:
            raise LookupError("no such speaker")
        random = np.random.default_rng(zlib.crc32(text.encode()))
        for number in range(max(1, len(text) // 2)):
            if number == 3 and "perish" in text and self._first("perished"):
                os._exit(9)
            if number == 3 and "stick" in text and self._first("stuck"):
                time.sleep(60)
            if not sink(random.integers(-9000, 9000, PIECE, dtype=np.int16)):
                return

    def _first(self, mark: str) -> bool:
        try:
            (self._folder / mark).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def main(versions: Mapping[str, str | None]) -> None:
    if sys.argv[1] == "-c":
        print(json.dumps(versions))
        return
    folder = Path(sys.argv[3])
    serve(lambda: Engine(folder), lambda _: {})
