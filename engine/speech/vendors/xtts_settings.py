"""How XTTS v2 is to run, as the settings say it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Xtts:
    """How XTTS v2 runs. `accept_licence`: the owner keeps to the licence of its weights, which lie in `model`; `python`
    is the interpreter where it is installed (None: ours), `device` auto, cpu or cuda, `streams` how many callers hear
    it at the same moment, a process for each; `deadline` seconds that a process may take until its next sound."""

    accept_licence: bool = False
    model: Path | None = None
    python: Path | None = None
    device: str = "auto"
    streams: int = 2
    deadline: float = 10.0


PLAIN: Final = Xtts()
"""What holds where the settings say nothing."""
