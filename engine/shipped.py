"""Where the flows and schemas lie that come with frontdesk, in the wheel as well as in a checkout."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from engine.errors import SettingsError


def shipped(kind: Literal["flows", "schemas"]) -> Traversable:
    """The folder of everything shipped of one kind."""
    packed = files("engine") / "_shipped" / kind
    return packed if packed.is_dir() else Path(__file__).parents[1] / kind


def shipped_flows() -> tuple[str, ...]:
    """Names of the flows that come with frontdesk."""
    folder = shipped("flows")
    if not folder.is_dir():
        return ()
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / "flow.yaml").is_file()))


def find_flow(text: str | Path) -> Path:
    """The flow file that is meant: a file, a folder holding `flow.yaml`, or the name of a shipped flow.

    Raises SettingsError when there is none.
    """
    path = Path(text)
    if path.is_file():
        return path
    if (path / "flow.yaml").is_file():
        return path / "flow.yaml"
    if str(text) in shipped_flows():
        return Path(str(shipped("flows") / str(text) / "flow.yaml"))
    names = ", ".join(shipped_flows()) or "none"
    raise SettingsError(f"there is no flow {text}: give a file, a folder with a flow.yaml, or a shipped flow ({names})")
